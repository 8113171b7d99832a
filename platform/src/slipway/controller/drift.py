"""Endpoints, looked at: what each should be beside what SageMaker says it is."""

import datetime as dt
from dataclasses import dataclass

from slipway.controller.alterations import Alteration, Inspection
from slipway.controller.deadlines import is_late
from slipway.controller.endpoints import config_of
from slipway.controller.findings import Finding, Kind
from slipway.controller.identity import is_known, kept_of
from slipway.controller.orm import Endpoint
from slipway.controller.states import CHARTS
from slipway.controller.states.endpoint import finding
from slipway.controller.store import Store
from slipway.controller.store.endpoints import Look, record_look
from slipway.sagemaker.gateway import Gateway

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
        status, served = (seen.status, config_of(seen)) if seen else ("", "")
        trigger = finding(status or None, served, endpoint.desired_config_name)
        if seen is not None and trigger == "serve":
            inspection = Inspection(self.store, self.gateway, endpoint, seen)
            return self._inspected(inspection, settled=settled)
        triggers = (trigger,) if settled or trigger != "drift" else ()
        message = _message(endpoint, triggers, served)
        if seen is not None and seen.reason and message:
            message = f"{message}. SageMaker says: {seen.reason}"
        return self._recorded(endpoint, Look(status, served), triggers, message)

    def _inspected(self, serving: Inspection, *, settled: bool) -> Finding | None:
        """Record how an endpoint stands that serves the config that it should."""
        endpoint, seen = serving.endpoint, serving.seen
        look, wrong = Look(seen.status, config_of(seen)), serving.lost()
        if wrong is None and settled:
            wrong = serving.stranger()
            if wrong is None and not is_known(endpoint, seen):
                return self._taken_as_ours(serving)
            wrong = wrong or serving.changed()
        if wrong is None:
            return self._recorded(endpoint, look, ("serve",), "")
        triggers = ("drift",) if settled else ()
        return self._recorded(endpoint, look, triggers, _said(endpoint, wrong))

    def _taken_as_ours(self, serving: Inspection) -> Finding | None:
        """Keep by what an endpoint is known that has our tags, and was not seen before."""
        endpoint, seen = serving.endpoint, serving.seen
        look = Look(seen.status, config_of(seen), kept_of(seen))
        replaced = serving.replaced()
        if replaced is None:
            return self._recorded(endpoint, look, ("serve",), "")
        message = _said(endpoint, replaced)
        triggers = ("serve",) if endpoint.state == "drifted" else ("drift", "serve")
        record_look(self.store, endpoint, look, triggers, reason=message)
        return _finding("drift", endpoint, message, new=True)

    def _recorded(
        self, endpoint: Endpoint, look: Look, triggers: tuple[str, ...], message: str
    ) -> Finding | None:
        """Write a look; return what is wrong, new where that was not known."""
        found = record_look(self.store, endpoint, look, triggers, reason=message)
        if found.state in DRIFTED and message and found.reason != message:
            found = self.store.amend(found, reason=message)
        known = (endpoint.state, endpoint.reason)
        new = known != (found.state, found.reason)
        return describe(found, self.store.now(), new=new)


def describe(endpoint: Endpoint, now: dt.datetime, *, new: bool) -> Finding | None:
    """Return what is wrong with an endpoint as it was last seen; None: nothing is."""
    if endpoint.state in DRIFTED:
        message = endpoint.reason or _message(endpoint, (), "")
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


def _message(endpoint: Endpoint, triggers: tuple[str, ...], served: str) -> str:
    """Say what is wrong, where, and what next, once `triggers` were fired."""
    chart = CHARTS["endpoint"]
    target = chart.target(endpoint.state, triggers[0]) if triggers else None
    state = chart.state(target or endpoint.state)
    if state.name not in _WRONG:
        return ""
    wanted = endpoint.desired_config_name
    seen = served or endpoint.observed_config_name
    what = _WRONG[state.name].format(seen=seen, wanted=wanted)
    return _said(endpoint, Alteration(what, state.advice))


def _said(endpoint: Endpoint, wrong: Alteration) -> str:
    """Say what is wrong with an endpoint, and what next."""
    advice = wrong.advice or CHARTS["endpoint"].state("drifted").advice
    return f"The endpoint {endpoint.name!r} {wrong.what}. What to do: {advice}"
