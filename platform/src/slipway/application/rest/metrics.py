"""What Prometheus reads: rows by state, and how long requests took."""

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from slipway.controller.store import Database
from slipway.controller.store.pages import COUNTED, counts

#: Names the folder that the processes of one instance count requests in.
SHARED = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """The metrics of one process, shown with those of its siblings."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._own = CollectorRegistry()
        self._requests = Histogram(
            "slipway_request_seconds",
            "How long the REST API took to answer",
            ("action", "status"),
            registry=self._own,
            buckets=_SECONDS,
        )

    def count(self, action: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._requests.labels(action, str(status)).observe(seconds)

    def text(self) -> bytes:
        """Return everything as Prometheus reads it."""
        rows = CollectorRegistry()
        rows.register(_Rows(self._database))
        requests = self._own
        if os.environ.get(SHARED):
            requests = CollectorRegistry()
            MultiProcessCollector(requests)  # type: ignore[no-untyped-call]  # it has none
        return generate_latest(rows) + generate_latest(requests)


class _Rows(Collector):
    """The tables' rows by state, counted when they are asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = counts(self._database)
        for table in COUNTED:
            kind = table.__tablename__
            family = GaugeMetricFamily(
                f"slipway_{kind}s", f"How many {kind}s are in a state", labels=["state"]
            )
            for (counted, state), number in sorted(found.items()):
                if counted == kind:
                    family.add_metric([state], number)
            yield family
