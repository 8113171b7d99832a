"""The controller that this machine's Airflow asks: one that is named, or a local one."""

import json
import os
import secrets
from pathlib import Path

from slipway.application import instance, local_stack
from slipway.application.airflow_place import airflow_home
from slipway.application.ports import chosen_port
from slipway.application.remote import Remote
from slipway.application.requests import TokenAsked
from slipway.application.tokens import create_token
from slipway.application.workspace import Workspace
from slipway.images.tool import Progress
from slipway.settings import Settings

_WORKERS = 2
_STACK, _CONTROLLER = "local stack", "controller"


def controller_for_airflow(workspace: Workspace, say: Progress) -> tuple[str, str]:
    """Return the controller's address and an operator's token; start it where needed."""
    if remote := Remote.of("", os.environ):
        return remote.url, remote.token
    settings = workspace.settings
    say("starting the local stack …")
    _, stack_started = local_stack.up(settings)
    _remember(settings, _STACK, started=stack_started)
    say("starting the controller …")
    port = chosen_port(instance.PORT_VARIABLE, instance.PORT)
    found, started = instance.up(workspace, port, _WORKERS)
    _remember(settings, _CONTROLLER, started=started)
    return found.url, _token(workspace)


def end_what_was_started(settings: Settings) -> list[str]:
    """End the controller and the stack where Airflow's start started them; name them."""
    started = _started(settings)
    if _CONTROLLER in started:
        instance.down(settings)
    if _STACK in started:
        local_stack.down(settings)
    _record(settings).unlink(missing_ok=True)
    return started


def _token(workspace: Workspace) -> str:
    """Return Airflow's own token, made when it is first needed."""
    path = airflow_home(workspace.settings) / "controller.token"
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    name = f"airflow-{secrets.token_hex(4)}"
    made = create_token(workspace, TokenAsked(name=name, role="operator"))
    path.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{made.secret}\n")
    return str(made.secret)


def _remember(settings: Settings, what: str, *, started: bool) -> None:
    known = _started(settings)
    if started and what not in known:
        path = _record(settings)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([*known, what]))


def _started(settings: Settings) -> list[str]:
    try:
        known: list[str] = json.loads(_record(settings).read_text())
    except (OSError, ValueError):
        return []
    return known


def _record(settings: Settings) -> Path:
    return airflow_home(settings) / "started.json"
