"""What was changed by hand of an endpoint that serves the config that it should."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.controller.endpoints import config_of
from slipway.controller.identity import COUNT, WEIGHT, capacity_of, is_known, is_ours
from slipway.controller.orm import Endpoint
from slipway.controller.store import Store
from slipway.errors import shortened
from slipway.payloads.layers import value_at
from slipway.s3.faults import Fault
from slipway.sagemaker.errors import SageMakerError
from slipway.sagemaker.gateway import Gateway, Observation

#: What Describe tells of no payload: tags are asked for apart.
_UNTOLD = frozenset({"Tags"})
#: Differences that a report names.
_NAMED = 3
_LONGEST = 120
_SET_BACK = (
    "set it back, or write it into model.yaml and deploy: invoke plan --model {model}"
    " shows it"
)
_MADE_ANEW = (
    "delete it, then give invoke deploy --model {model}: the endpoint is made anew"
)


@dataclass(frozen=True)
class Alteration:
    """What is otherwise than the last deployment left it."""

    what: str
    #: What to do; empty: what the endpoint's state says.
    advice: str = ""


def altered(
    sent: Mapping[str, Any], told: Mapping[str, Any]
) -> Iterator[tuple[str, Any, Any]]:
    """Yield each field of a payload that a description tells otherwise: both values."""
    for path, value in _flat(sent):
        now = value_at(told, path)
        if path.partition("[")[0] not in _UNTOLD and now != value:
            yield path, value, now


@dataclass(frozen=True)
class Inspection:
    """One look at what a serving endpoint stands on."""

    store: Store
    gateway: Gateway
    endpoint: Endpoint
    seen: Observation
    #: What was described, by kind and name.
    told: dict[tuple[str, str], Mapping[str, Any] | None] = field(default_factory=dict)

    def lost(self) -> Alteration | None:
        """Return what it stands on and somebody deleted; None: nothing."""
        config = self._described("endpoint_config", config_of(self.seen))
        if config is None:
            return _lost(f"endpoint config {config_of(self.seen)!r}")
        for model in _models(config):
            if self._described("sagemaker_model", model) is None:
                return _lost(f"SageMaker model {model!r}")
        return None

    def stranger(self) -> Alteration | None:
        """Return that somebody made it in the place of ours; None: it is ours."""
        if is_known(self.endpoint, self.seen):
            return None
        if is_ours(self.gateway, self.endpoint, self.seen):
            return None
        what = (
            f"was made by hand{_since(self.seen)} in the place of ours: its tags are not"
            " ours, and no deployment changes it"
        )
        return Alteration(what, _MADE_ANEW.format(model=self.endpoint.model))

    def replaced(self) -> Alteration | None:
        """Return that somebody deleted it and made its equal; None: it is seen first."""
        if self.endpoint.made_at is None:
            return None
        what = f"was deleted and made again by hand{_since(self.seen)}, with our tags"
        return Alteration(what, "nothing: it is taken as ours")

    def changed(self) -> Alteration | None:
        """Return what it has otherwise than it was made, or left; None: nothing."""
        found = [*self._scaled(), *self._made_otherwise()]
        if not found:
            return None
        said = "; ".join(found[:_NAMED])
        more = f"; and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        advice = _SET_BACK.format(model=self.endpoint.model)
        return Alteration(f"was changed by hand: {said}{more}", advice)

    def _made_otherwise(self) -> Iterator[str]:
        """Yield how its config and models differ from what the ledger sent."""
        name = config_of(self.seen)
        config = self._described("endpoint_config", name) or {}
        places = [("endpoint_config", name, config)]
        for model in _models(config):
            told = self._described("sagemaker_model", model) or {}
            places.append(("sagemaker_model", model, told))
        for kind, called, told in places:
            made = self.store.records.operation_named(kind, called)
            for path, was, now in altered(made.payload if made else {}, told):
                yield f"{called} has {path} {_shown(now)}, not {_shown(was)}"

    def _scaled(self) -> Iterator[str]:
        """Yield how its variants differ from what a deployment left."""
        left, has = self.endpoint.capacity, capacity_of(self.seen)
        if not left:
            return
        for name in sorted({*left, *has}):
            was, now = left.get(name, {}), has.get(name, {})
            if not was or not now:
                yield f"the variant {name!r} is {'new' if now else 'gone'}"
                continue
            if now.get(WEIGHT) != was.get(WEIGHT):
                yield f"{name!r} has the weight {now.get(WEIGHT)}, not {was.get(WEIGHT)}"
            if now.get(COUNT) != was.get(COUNT):
                yield from self._counted(name, was.get(COUNT), now.get(COUNT))

    def _counted(self, variant: str, was: Any, now: Any) -> Iterator[str]:
        """Yield that its instances were counted by hand, unless autoscaling counts them."""
        said = f"{variant!r} has {now} instances, not {was}"
        try:
            bounds = self.gateway.scaling.bounds(self.endpoint.name, variant)
        except SageMakerError as error:
            if error.fault is not Fault.AUTH:
                raise
            yield f"{said}; whether autoscaling did it is not known: {error}"
            return
        if bounds is None:
            yield said
        elif not bounds.least <= now <= bounds.most:
            yield f"{said}; autoscaling has {bounds.least} to {bounds.most}"

    def _described(self, kind: str, name: str) -> Mapping[str, Any] | None:
        """Return what SageMaker says of a resource, asked once; None: there is none."""
        if (kind, name) not in self.told:
            seen = self.gateway.describe(kind, name)
            self.told[kind, name] = seen.description if seen is not None else None
        return self.told[kind, name]


def _shown(value: Any) -> str:
    return shortened(repr(value), _LONGEST)


def _lost(what: str) -> Alteration:
    said = f"serves, but somebody deleted its {what}: it cannot be scaled or replaced"
    return Alteration(said)


def _since(seen: Observation) -> str:
    made_at = seen.description.get("CreationTime")
    return f" at {made_at:%Y-%m-%dT%H:%M:%S%z}" if made_at else ""


def _models(config: Mapping[str, Any]) -> list[str]:
    """Return the SageMaker models of an endpoint config."""
    variants = config.get("ProductionVariants", [])
    return [variant["ModelName"] for variant in variants if variant.get("ModelName")]


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield each value of a payload with the path that leads to it."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _flat(inner, f"{path}[{index}]")
    else:
        yield path, value
