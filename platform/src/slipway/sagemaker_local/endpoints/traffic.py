"""Which fleet of an endpoint a request goes to."""

import contextlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias, Union

from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.steps import Shares


@dataclass(frozen=True)
class Split:
    """A part of the requests for a new fleet, and the rest for what was there."""

    old: "Traffic"
    new: Fleet
    #: The new fleet's part of each variant's requests, 0 to 1.
    shares: Shares


Traffic: TypeAlias = Union[Fleet, Split]  # noqa: UP007  # refers to what follows


class LiveEndpoint:
    """An endpoint that serves."""

    def __init__(self, name: str, traffic: Traffic) -> None:
        #: As it was created: InvokeEndpoint must match its case.
        self.name = name
        self._traffic = traffic
        self._lock = Lock()

    @property
    def traffic(self) -> Traffic:
        """Where requests go."""
        return self._traffic

    @property
    def fleet(self) -> Fleet:
        """The fleet that the endpoint's config describes: the oldest one."""
        return fleets(self._traffic)[0]

    @contextlib.contextmanager
    def using(self, variant: str | None) -> Iterator[tuple[Fleet, str]]:
        """Lend a fleet for a request to a variant, or to any; it does not end meanwhile."""
        with self._lock:
            traffic = self._traffic
            chosen = variant or _leading(traffic).any_variant()
            fleet = _drawn(traffic, chosen)
            fleet.enter()
        try:
            yield fleet, chosen
        finally:
            fleet.leave()

    def route(self, traffic: Traffic) -> None:
        """Send requests elsewhere from now on."""
        with self._lock:
            self._traffic = traffic


def split(old: Traffic, new: Fleet, shares: Shares) -> Traffic:
    """Return the traffic in which the new fleet has these shares."""
    if shares and min(shares.values()) >= 1:
        return new
    if not any(shares.values()):
        return old
    return Split(old, new, shares)


def fleets(traffic: Traffic) -> list[Fleet]:
    """Return every fleet that takes requests, the oldest first."""
    if isinstance(traffic, Fleet):
        return [traffic]
    return [*fleets(traffic.old), traffic.new]


def _leading(traffic: Traffic) -> Fleet:
    """Return the fleet by whose weights a variant is chosen."""
    return traffic if isinstance(traffic, Fleet) else _leading(traffic.old)


def _drawn(traffic: Traffic, variant: str) -> Fleet:
    while isinstance(traffic, Split):
        if random.random() < traffic.shares.get(variant, 0):  # noqa: S311  # balance
            return traffic.new
        traffic = traffic.old
    return traffic
