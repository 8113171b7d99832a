"""Airflow's own environment, made from its locked requirements when it is first needed."""

from pathlib import Path

from slipway.digests import key_of
from slipway.images.environment import create_environment, install, python_tag
from slipway.images.once import make_once
from slipway.images.tool import Progress


def airflow_environment(source: Path, home: Path, say: Progress) -> Path:
    """Return the environment of `source`'s requirements, below `home`."""
    requirements = (source / "requirements.txt").read_bytes()
    key = key_of(python_tag().encode() + b"\n" + requirements)
    target = home.resolve() / "environments" / key

    def fill(partial: Path) -> None:
        say("making Airflow's environment …")
        lock = partial / "requirements.txt"
        lock.write_bytes(requirements)
        create_environment(partial, progress=say)
        install(partial, lock, progress=say)

    make_once(target, fill)
    return target
