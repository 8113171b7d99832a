"""The executor that a server runs with."""

import uuid
from pathlib import Path
from typing import Literal, get_args

from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.executors.process import ProcessExecutor

Choice = Literal["auto", "docker", "process"]
CHOICES: tuple[str, ...] = get_args(Choice)


def chosen_executor(choice: Choice, state: Path, images: Path) -> Executor:
    """Return what runs containers; `auto` is Docker where a daemon answers."""
    return ProcessExecutor(state / "processes", images)


def state_id(state: Path) -> str:
    """Return the name of a state folder, made once: its containers carry it."""
    path = state / "id"
    if not path.exists():
        path.write_text(uuid.uuid4().hex)
    return path.read_text()
