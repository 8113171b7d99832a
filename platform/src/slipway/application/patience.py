"""How long a request waits for whoever holds what it changes."""

from collections.abc import Callable

from slipway.controller.exclusive import holder_of
from slipway.controller.store import Seen
from slipway.errors import ConflictError

#: Looks at a lease: about a second, in which a pass of the reconciler is done.
_LOOKS = 5


def briefly() -> Callable[[Seen], None]:
    """Return what waits for a lease as long as a request may, then raises ConflictError."""
    looks = 0

    def wait(seen: Seen) -> None:
        nonlocal looks
        looks += 1
        if looks < _LOOKS:
            return
        message = (
            f"It is moved by {holder_of(seen)}: nothing was changed. Ask again when that"
            " is done"
        )
        raise ConflictError(message)

    return wait
