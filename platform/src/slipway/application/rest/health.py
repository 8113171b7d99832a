"""Whether an instance lives, and whether it can work."""

import threading
import time
from collections.abc import Callable

from slipway.application.workspace import Workspace
from slipway.controller.schema import HEAD, current
from slipway.errors import SlipwayError, UnavailableError

#: An endpoint that nobody has: whoever answers "no such endpoint" is there.
_PROBE = "slipway-readiness-probe"
#: Seconds that SageMaker's answer counts: anybody may ask, and each look is budgeted.
_FRESH = 5.0


class Readiness:
    """Whether this instance can work; SageMaker is asked every few seconds at most."""

    def __init__(
        self, workspace: Workspace, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._workspace = workspace
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_at: float | None = None
        self._refusal: SlipwayError | None = None

    def check(self) -> None:
        """Raise unless the database is at this code's schema, and SageMaker answers."""
        _check_schema(self._workspace)
        with self._lock:
            now = self._clock()
            if self._asked_at is None or now - self._asked_at >= _FRESH:
                self._refusal, self._asked_at = self._refused(), now
            if self._refusal is not None:
                raise self._refusal

    def _refused(self) -> SlipwayError | None:
        try:
            self._workspace.gateway.describe("endpoint", _PROBE)
        except SlipwayError as error:
            return error
        return None


def _check_schema(workspace: Workspace) -> None:
    found = current(workspace.store.database)
    if found != HEAD:
        message = (
            f"The database is at schema {found}, and this instance expects {HEAD}:"
            " restart it, or the one that migrated it"
        )
        raise UnavailableError(message)
