"""Where each key of `model.yaml` goes in a payload."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from slipway.container.metric_log import METRIC_REGEX
from slipway.payloads.layers import Layer, Place, Source
from slipway.spec import ModelSpec

#: What stands before a hyperparameter's name in a key.
HYPERPARAMETERS = "hyperparameters"


def as_text(value: object) -> str:
    """Return a hyperparameter as SageMaker takes it: the container reads it back."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _metric_definitions(gates: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return how SageMaker finds each metric that has a gate in the job's log."""
    return [{"Name": name, "Regex": METRIC_REGEX.format(name=name)} for name in gates]


@dataclass(frozen=True)
class Field:
    """A key of `model.yaml` that decides a value of a payload."""

    #: As `instances.train`; a mapping's key stands for each key in it.
    key: str
    #: The step whose payload it goes to.
    step: str
    #: The operation, and the members that lead to the value.
    place: Place
    render: Callable[[Any], Any] = lambda value: value


_CLUSTER = ("CreateProcessingJob", "ProcessingResources", "ClusterConfig")
_VARIANT = "ProductionVariant"
FIELDS = (
    Field("instances.extract", "extract", (*_CLUSTER, "InstanceType")),
    Field("instances.preprocess", "preprocess", (*_CLUSTER, "InstanceType")),
    Field(
        "instances.train",
        "train",
        ("CreateTrainingJob", "ResourceConfig", "InstanceType"),
    ),
    Field(
        "instances.transform",
        "transform",
        ("CreateTransformJob", "TransformResources", "InstanceType"),
    ),
    Field("instances.serve", "deploy", (_VARIANT, "InstanceType")),
    Field("endpoint.instance_count", "deploy", (_VARIANT, "InitialInstanceCount")),
    Field(HYPERPARAMETERS, "train", ("CreateTrainingJob", "HyperParameters"), as_text),
    Field(
        "gates",
        "train",
        ("CreateTrainingJob", "AlgorithmSpecification", "MetricDefinitions"),
        _metric_definitions,
    ),
)
_BY_KEY = {field.key: field for field in FIELDS}


def values_of(spec: ModelSpec) -> dict[str, Any]:
    """Return what `model.yaml` says for each field that it names, by dotted key."""
    written = spec.model_dump(mode="json", exclude_unset=True)
    values: dict[str, Any] = {}
    for field in FIELDS:
        outer, _, inner = field.key.partition(".")
        value = written.get(outer)
        if outer == HYPERPARAMETERS:
            values |= {
                f"{outer}.{name}": given for name, given in (value or {}).items()
            }
        elif value is not None and (not inner or inner in value):
            values[field.key] = value[inner] if inner else value
    return values


def spec_layer(
    values: Mapping[str, Any], step: str, source: Callable[[str], Source]
) -> Layer:
    """Return what keys of `model.yaml` set for `step`; `source` says who set a key."""
    fragments: dict[str, dict[str, Any]] = {}
    keys: dict[Place, str] = {}
    for key, value in values.items():
        field, place = target(key)
        if field.step == step:
            put(fragments, place, field.render(value))
            keys[place] = key
    return Layer(fragments, lambda place: source(keys[place]))


def target(key: str) -> tuple[Field, Place]:
    """Return the field that a dotted key belongs to, and where its value goes."""
    outer, _, name = key.partition(".")
    if outer == HYPERPARAMETERS:
        field = _BY_KEY[outer]
        return field, (*field.place, name)
    return _BY_KEY[key], _BY_KEY[key].place


def put(fragments: dict[str, Any], place: Place, value: object) -> None:
    """Set the value at `place`, making the mappings that lead to it."""
    node = fragments
    for member in place[:-1]:
        node = node.setdefault(member, {})
    node[place[-1]] = value
