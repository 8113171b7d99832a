"""Endpoint rows: what each should be, and what was seen of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

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


def keep_capacity(store: Store, name: str, capacity: Mapping[str, Any]) -> None:
    """Record what a deployment left an endpoint's variants with."""
    found = store.records.endpoint(name)
    if found is not None and found.capacity != capacity:
        store.amend(found, capacity=dict(capacity))


@dataclass(frozen=True)
class Look:
    """What a description of an endpoint said."""

    #: Empty: there is no such endpoint.
    status: str
    config_name: str
    #: What it is known by from now on, and its capacity; empty: what it was.
    kept: Mapping[str, Any] = field(default_factory=dict)


def see_endpoint(store: Store, name: str, look: Look, reason: str = "") -> None:
    """Record what SageMaker says of an endpoint, if it is one of ours.

    A change of its state is a row of its history: the events of drift are among them.
    """
    found = store.records.endpoint(name)
    if found is not None:
        wanted = found.desired_config_name
        trigger = finding(look.status or None, look.config_name, wanted)
        record_look(store, found, look, (trigger,), reason=reason)


def record_look(
    store: Store, found: Endpoint, look: Look, triggers: tuple[str, ...], *, reason: str
) -> Endpoint:
    """Write what was seen of an endpoint, and fire triggers where they lead elsewhere."""
    observed = {
        "observed_status": look.status,
        "observed_config_name": look.config_name,
        "observed_at": store.now(),
        **look.kept,
    }
    if not triggers or CHARTS["endpoint"].target(found.state, triggers[0]) is None:
        return store.amend(found, **observed)
    return store.advance(found, triggers, reason, **observed)
