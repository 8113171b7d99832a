"""Endpoints, looked at: what each should be beside what SageMaker says it is."""

import datetime as dt
from dataclasses import dataclass

from slipway.controller.deadlines import is_late
from slipway.controller.endpoints import config_of
from slipway.controller.findings import Finding, Kind
from slipway.controller.orm import Endpoint
from slipway.controller.states import CHARTS
from slipway.controller.states.endpoint import finding
from slipway.controller.store import Store
from slipway.controller.store.endpoints import Look, record_look
from slipway.sagemaker.gateway import Gateway, Observation

#: What is wrong with an endpoint in a state that it should not be in.
_WRONG = {
    "drifted": "serves the config {seen!r}, and should serve {wanted!r}",
    "missing": "is gone, and should serve {wanted!r}",
    "out_of_service": "takes no requests",
    "failed": "cannot serve, and can only be deleted",
    "rollback_failed": "was left half changed: SageMaker could not take an update back",
}
#: The states of an endpoint that a person has to look at.
DRIFTED = frozenset(_WRONG)


@dataclass(frozen=True)
class Watch:
    """Looks at endpoints, for whoever holds their model's lease."""

    store: Store
    gateway: Gateway

    def look(self, endpoint: Endpoint, *, settled: bool) -> Finding | None:
        """Record what SageMaker says of an endpoint; return what is wrong with it.

        A change of its state is written once, with what, where and what next as its
        reason. `settled` says that no deployment is under way: until then another
        config than the wanted one is no drift.
        """
        seen = self.gateway.describe("endpoint", endpoint.name)
        status, served = (seen.status, config_of(seen)) if seen else (None, "")
        wanted = endpoint.desired_config_name
        trigger: str | None = finding(status, served, wanted)
        lost = self._lost(seen) if trigger == "serve" else ""
        if lost:
            trigger = "drift"
        if trigger == "drift" and not settled:
            trigger = None
        message = _message(endpoint, trigger, served, lost=lost)
        if seen is not None and seen.reason and message:
            message = f"{message}. SageMaker says: {seen.reason}"
        before = endpoint.state
        look = Look(status or "", served)
        found = record_look(self.store, endpoint, look, trigger, reason=message)
        return describe(found, self.store.now(), new=found.state != before)

    def _lost(self, seen: Observation | None) -> str:
        """Name what a serving endpoint stands on and somebody deleted; empty: nothing."""
        if seen is None:
            return ""
        name = config_of(seen)
        config = self.gateway.describe("endpoint_config", name)
        if config is None:
            return f"endpoint config {name!r}"
        for variant in config.description.get("ProductionVariants", []):
            model = variant.get("ModelName", "")
            if model and self.gateway.describe("sagemaker_model", model) is None:
                return f"SageMaker model {model!r}"
        return ""


def describe(endpoint: Endpoint, now: dt.datetime, *, new: bool) -> Finding | None:
    """Return what is wrong with an endpoint as it was last seen; None: nothing is."""
    if endpoint.state in DRIFTED:
        message = endpoint.reason or _message(endpoint, None, "", lost="")
        return _finding("drift", endpoint, message, new=new)
    if is_late("endpoint", endpoint, now):
        state = CHARTS["endpoint"].state(endpoint.state)
        message = (
            f"The endpoint {endpoint.name!r} is {state.name} for too long."
            f" What to do: {state.advice}"
        )
        return _finding("stuck", endpoint, message, new=False)
    return None


def _finding(kind: Kind, endpoint: Endpoint, message: str, *, new: bool) -> Finding:
    return Finding(kind, endpoint.model, "endpoint", endpoint.name, message, new)


def _message(endpoint: Endpoint, trigger: str | None, served: str, *, lost: str) -> str:
    """Say what is wrong, where, and what next, once `trigger` was fired."""
    chart = CHARTS["endpoint"]
    target = chart.target(endpoint.state, trigger) if trigger else None
    state = chart.state(target or endpoint.state)
    if state.name not in _WRONG:
        return ""
    wanted = endpoint.desired_config_name
    seen = served or endpoint.observed_config_name
    what = _WRONG[state.name].format(seen=seen, wanted=wanted)
    if lost:
        what = (
            f"serves, but somebody deleted its {lost}: it cannot be scaled or replaced"
        )
    return f"The endpoint {endpoint.name!r} {what}. What to do: {state.advice}"
