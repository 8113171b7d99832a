"""Endpoint rows: what each should be, and what was seen of it."""

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
    observed = {
        "observed_status": status or "",
        "observed_config_name": config_name,
        "observed_at": store.now(),
    }
    trigger = finding(status, config_name, found.desired_config_name)
    if CHARTS["endpoint"].target(found.state, trigger) is None:
        return store.amend(found, **observed)
    return store.advance(found, trigger, reason, **observed)
