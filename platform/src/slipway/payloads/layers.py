"""Payload fragments laid over each other, each value remembering who set it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from slipway.settings import Settings
from slipway.spec import ModelSpec

Fragment = Mapping[str, Any]


@dataclass(frozen=True)
class Layer:
    """Values that one source sets, by SageMaker operation."""

    #: Who sets them: a file, or the word for a run's own facts.
    source: str
    values: Mapping[str, Fragment]


@dataclass(frozen=True)
class Resolved:
    """A payload, and the source of each of its values."""

    payload: dict[str, Any]
    #: `ResourceConfig.InstanceType` → the source that set it.
    provenance: dict[str, str]


def platform_layer() -> Layer:
    """Return the platform's own defaults."""
    return Layer("platform defaults.yaml", _defaults())


def environment_layer(settings: Settings) -> Layer:
    """Return what the environment's file sets."""
    return Layer(settings.source.name, settings.environment.payloads)


def model_layer(spec: ModelSpec, step: str) -> Layer:
    """Return what `model.yaml` sets for `step`."""
    instances, endpoint = spec.instances, spec.endpoint
    values: dict[str, Fragment] = {
        "CreateTrainingJob": {"ResourceConfig": {"InstanceType": instances.train}},
        "CreateTransformJob": {
            "TransformResources": {"InstanceType": instances.transform}
        },
        "ProductionVariant": {
            "InstanceType": instances.serve,
            "InitialInstanceCount": endpoint.instance_count,
        },
    }
    if step in {"extract", "preprocess"}:
        cluster = {"InstanceType": getattr(instances, step)}
        values["CreateProcessingJob"] = {
            "ProcessingResources": {"ClusterConfig": cluster}
        }
    return Layer("model.yaml", values)


def resolve(operation: str, layers: Iterable[Layer], facts: Fragment) -> Resolved:
    """Return `facts` over the layers' values for `operation`, the last layer on top."""
    payload: dict[str, Any] = {}
    provenance: dict[str, str] = {}
    for layer in (*layers, Layer("run", {operation: facts})):
        _lay(payload, layer.values.get(operation, {}), layer.source, provenance, "")
    return Resolved(payload, provenance)


def _lay(
    below: dict[str, Any],
    above: Fragment,
    source: str,
    provenance: dict[str, str],
    prefix: str,
) -> None:
    for key, value in above.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping) and isinstance(below.get(key, {}), dict):
            inner = below.setdefault(key, {})
            _lay(inner, value, source, provenance, f"{path}.")
            if value:
                continue
        else:
            below[key] = value
        provenance[path] = source


@cache
def _defaults() -> Mapping[str, Fragment]:
    text = files("slipway.payloads").joinpath("defaults.yaml").read_text("utf-8")
    loaded: Mapping[str, Fragment] = YAML(typ="safe").load(text)
    return loaded
