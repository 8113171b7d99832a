"""What a deployment would change: what is desired, against what serves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.controller.alterations import altered
from slipway.controller.context import Context, Request
from slipway.controller.deployments import is_live
from slipway.controller.endpoints import config_of
from slipway.controller.forecast import Forecast, forecast
from slipway.controller.hosting import config_payload, model_payload
from slipway.controller.orm import ModelVersion
from slipway.controller.preview import new_version
from slipway.controller.serving import endpoint_name
from slipway.controller.versions import version_of
from slipway.payloads.hosting import declared_properties
from slipway.payloads.layers import Resolved, value_at
from slipway.sagemaker.gateway import Observation

#: What Describe says of a variant now, and the config's member that it began as.
_VARIANT = {
    "DesiredInstanceCount": "InitialInstanceCount",
    "DesiredWeight": "InitialVariantWeight",
}
#: What Describe tells and no payload asks for; tags are not described.
_UNTOLD = frozenset({"Tags"})


@dataclass(frozen=True)
class Change:
    """One field that differs."""

    #: `model`, `endpoint config` or `endpoint`.
    resource: str
    field: str
    #: None: it is not there.
    before: Any
    after: Any
    #: Who sets what comes after.
    by: str

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return dict(vars(self))


@dataclass(frozen=True)
class Plan:
    """What a deployment would do now."""

    forecast: Forecast
    #: The version that would serve, and whether it is there already.
    version: int
    is_new: bool
    #: The version whose config serves now; 0: none, or one that is not known.
    serving: int
    #: What the deployment would change.
    changes: tuple[Change, ...]
    #: What was changed since the last deployment, by somebody else.
    by_hand: tuple[Change, ...]


@dataclass(frozen=True)
class _Live:
    """What serves, as SageMaker describes it."""

    endpoint: Observation | None
    config: Mapping[str, Any]
    model: Mapping[str, Any]


def plan_of(context: Context, request: Request) -> Plan:
    """Return what a deployment of this request would change; nothing is changed."""
    expected = forecast(context, request)
    live, name = _live(context), endpoint_name(context)
    version = (
        version_of(context, expected.version)
        if expected.version is not None
        else new_version(context, request.image)
    )
    served = config_of(live.endpoint)
    serving = context.store.records.version_of_config(name, served) if served else 0
    settled = expected.version is not None and is_live(context, version)
    return Plan(
        forecast=expected,
        version=version.version,
        is_new=expected.version is None,
        serving=serving,
        changes=() if settled else tuple(_changes(context, live, version)),
        by_hand=tuple(_by_hand(context, live)),
    )


def _live(context: Context) -> _Live:
    gateway = context.gateway
    seen = gateway.describe("endpoint", endpoint_name(context))
    config = gateway.describe("endpoint_config", config_of(seen)) if seen else None
    described = config.description if config else {}
    variants = described.get("ProductionVariants") or [{}]
    model_name = variants[0].get("ModelName", "")
    model = gateway.describe("sagemaker_model", model_name) if model_name else None
    return _Live(seen, described, model.description if model else {})


def _changes(context: Context, live: _Live, version: ModelVersion) -> Iterator[Change]:
    """Yield each field that the version's own model, config and endpoint would change."""
    config = config_payload(context, version)
    yield from _differences("model", live.model, model_payload(context, version))
    yield from _differences("endpoint config", live.config, config)
    before = config_of(live.endpoint) or None
    after = config.payload["EndpointConfigName"]
    if before != after:
        yield Change("endpoint", "EndpointConfigName", before, after, "run")
    described = live.endpoint.description if live.endpoint else {}
    set_anew = declared_properties(described, live.config, config.payload)
    for field, had, _began in _variants(live):
        if field in set_anew:
            initial = _VARIANT[field]
            wanted = config.payload["ProductionVariants"][0][initial]
            by = config.provenance.get(f"ProductionVariants[0].{initial}", "run")
            yield Change("endpoint", field, had, wanted, str(by))


def _differences(
    resource: str, live: Mapping[str, Any], desired: Resolved
) -> Iterator[Change]:
    """Yield each desired field that is otherwise in what is live."""
    for path, source in sorted(desired.provenance.items()):
        if path.partition(".")[0] in _UNTOLD:
            continue
        before, after = value_at(live, path), value_at(desired.payload, path)
        if before != after and (before is not None or after):
            yield Change(resource, path, before, after, str(source))


def _by_hand(context: Context, live: _Live) -> Iterator[Change]:
    """Yield what is live otherwise than the last deployment left it."""
    records, name = context.store.records, endpoint_name(context)
    ours, hand = records.endpoint(name), "by hand"
    wanted = (ours.desired_config_name if ours else "") or None
    served = config_of(live.endpoint) or None
    if ours is not None and wanted != served:
        yield Change("endpoint", "EndpointConfigName", wanted, served, hand)
    for resource, kind, seen, member in (
        ("model", "sagemaker_model", live.model, "ModelName"),
        ("endpoint config", "endpoint_config", live.config, "EndpointConfigName"),
    ):
        made = records.operation_named(kind, str(seen.get(member, "")))
        for path, sent, told in altered(made.payload if made is not None else {}, seen):
            yield Change(resource, path, sent, told, hand)
    for field, has, began in _variants(live):
        if has != began:
            yield Change("endpoint", field, began, has, hand)


def _variants(live: _Live) -> Iterator[tuple[str, Any, Any]]:
    """Yield what the endpoint's one variant has now, and what its config began with."""
    described = live.endpoint.description if live.endpoint else {}
    now = (described.get("ProductionVariants") or [{}])[0]
    began = (live.config.get("ProductionVariants") or [{}])[0]
    for field, initial in _VARIANT.items():
        if field in now and initial in began:
            yield field, now[field], began[initial]
