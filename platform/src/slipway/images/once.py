"""A folder that is made once, whole or not at all, however many ask for it."""

import shutil
from collections.abc import Callable
from pathlib import Path

from slipway.locking import locked


def make_once(target: Path, fill: Callable[[Path], None]) -> bool:
    """Make the folder `target` by `fill`, unless it is there; tell if it was made.

    `fill` writes into a folder beside it, which becomes `target` by one rename: after
    a crash there is no target, and the next caller starts over. A second process that
    asks for the same folder waits for the first one, and finds it made.
    """
    if target.is_dir():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with locked(target.with_name(f".{target.name}.lock")):
        if target.is_dir():
            return False
        partial = target.with_name(f".{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir()
        fill(partial)
        partial.rename(target)
    return True
