"""Endpoint rows: what each should be, and what was seen of it."""

from dataclasses import dataclass

from slipway.controller.orm import Endpoint
from slipway.controller.states import CHARTS
from slipway.controller.states.endpoint import finding
from slipway.controller.store.store import Store


def want_endpoint(store: Store, wanted: Endpoint) -> Endpoint:
    """Record what an endpoint should serve: `wanted` has its desired columns."""
    found = store.records.endpoint(wanted.name)
    if found is None:
        return store.add(wanted)
    return store.amend(
        found,
        desired_config_name=wanted.desired_config_name,
        desired_version=wanted.desired_version,
    )


def see_endpoint(
    store: Store, name: str, status: str | None, config_name: str, reason: str = ""
) -> Endpoint | None:
    """Record what SageMaker says of an endpoint; None: it is none of ours.

    A change of its state is a row of its history: the events of drift are among them.
    """
    found = store.records.endpoint(name)
    if found is None:
        return None
    trigger = finding(status, config_name, found.desired_config_name)
    return record_look(
        store, found, Look(status or "", config_name), trigger, reason=reason
    )


@dataclass(frozen=True)
class Look:
    """What a description of an endpoint said."""

    #: Empty: there is no such endpoint.
    status: str
    config_name: str


def record_look(
    store: Store, found: Endpoint, look: Look, trigger: str | None, *, reason: str
) -> Endpoint:
    """Write what was seen of an endpoint, and fire `trigger` where it leads elsewhere."""
    observed = {
        "observed_status": look.status,
        "observed_config_name": look.config_name,
        "observed_at": store.now(),
    }
    if trigger is None or CHARTS["endpoint"].target(found.state, trigger) is None:
        return store.amend(found, **observed)
    return store.advance(found, trigger, reason, **observed)
