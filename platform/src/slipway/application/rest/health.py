"""Whether an instance lives, and whether it can work."""

from slipway.application.workspace import Workspace
from slipway.controller.schema import HEAD, current
from slipway.errors import UnavailableError

#: An endpoint that nobody has: whoever answers "no such endpoint" is there.
_PROBE = "slipway-readiness-probe"


def check_ready(workspace: Workspace) -> None:
    """Raise unless the database is at this code's schema, and SageMaker answers."""
    found = current(workspace.store.database)
    if found != HEAD:
        message = (
            f"The database is at schema {found}, and this instance expects {HEAD}:"
            " restart it, or the one that migrated it"
        )
        raise UnavailableError(message)
    workspace.gateway.describe("endpoint", _PROBE)
