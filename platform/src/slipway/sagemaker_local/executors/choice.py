"""The executor that a server runs with."""

import uuid
from pathlib import Path
from typing import Literal, get_args

from slipway.errors import InvalidRequestError
from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.executors.process import ProcessExecutor

Choice = Literal["auto", "docker", "process"]
#: Seconds that the daemon has to answer anything but a wait.
_TIMEOUT = 60
_CONNECTIONS = 64
CHOICES: tuple[str, ...] = get_args(Choice)


def chosen_executor(choice: Choice, state: Path, images: Path) -> Executor:
    """Return what runs containers; `auto` is Docker where a daemon answers.

    Processes that an earlier server left are ended when Docker takes over.
    """
    docker = None if choice == "process" else _docker_executor(state)
    processes = ProcessExecutor(state / "processes", images)
    if docker is not None:
        for handle in processes.handles():
            processes.remove(handle)
        return docker
    if choice == "docker":
        message = "No Docker daemon answers. Start it, or run with --executor process"
        raise InvalidRequestError(message)
    return processes


def _docker_executor(state: Path) -> Executor | None:
    """Return Docker's executor; None where no daemon answers."""
    # Imported here: docker-py takes half of the time from start to listening.
    import requests
    from docker import APIClient
    from docker.errors import DockerException
    from docker.utils import kwargs_from_env

    from slipway.sagemaker_local.executors.docker import DockerExecutor

    try:
        client = APIClient(
            **kwargs_from_env(),
            version="auto",
            timeout=_TIMEOUT,
            num_pools=_CONNECTIONS,
        )
        client.ping()
    except (DockerException, requests.RequestException):
        return None
    return DockerExecutor(client, state_id(state))


def state_id(state: Path) -> str:
    """Return the name of a state folder, made once: its containers carry it."""
    path = state / "id"
    if not path.exists():
        path.write_text(uuid.uuid4().hex)
    return path.read_text()
