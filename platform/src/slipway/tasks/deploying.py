"""A deployment that a person lets go on, names, or takes back."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from slipway.application import local_stack
from slipway.application.remote import Remote
from slipway.application.workspace import Workspace
from slipway.controller.deployments import Rollout, promote, roll_back
from slipway.errors import InvalidRequestError, StepFailedError
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.controllers import known_model, remote_of, whole_number
from slipway.tasks.moving import expected_version
from slipway.tasks.terminal import Terminal

#: Seconds between two looks at a deployment that a controller carries out.
_PAUSE = 0.5


@dataclass(frozen=True)
class Asked:
    """A model that is to be moved, and who does it."""

    env: str
    model: str
    #: The address of a controller; empty: this process does it.
    controller: str = ""
    #: The version that must serve now; empty: any, or none.
    expects: str = ""


def shift_of(
    *, canary: str, linear: str, all_at_once: bool, bake: str
) -> dict[str, object]:
    """Return the fields of `endpoint.deployment` that the options change."""
    given = {"--canary": canary, "--linear": linear, "--all-at-once": all_at_once}
    chosen = [name for name, value in given.items() if value]
    if len(chosen) > 1:
        message = f"{' and '.join(chosen)} exclude each other: give one of them"
        raise InvalidRequestError(message)
    shift: dict[str, object] = {}
    if canary:
        shift = {"strategy": "canary", "canary_percent": _number(canary)}
    elif linear:
        shift = {"strategy": "linear", "step_percent": _number(linear)}
    elif all_at_once:
        shift = {"strategy": "all_at_once", "bake_seconds": 0}
    return shift | ({"bake_seconds": _number(bake)} if bake else {})


def _number(text: str) -> int | str:
    """Return a number, or what is none and will be refused as it stands."""
    return int(text) if text.isdecimal() else text


def promote_model(
    asked: Asked, *, version: str, reason: str, shift: Mapping[str, object]
) -> Answer:
    """Let a deployment go on, or deploy a known version."""
    number = whole_number("--version", version) if version else None
    expects = expected_version(asked.expects)
    if (remote := remote_of(asked.env, asked.controller)) is not None:
        said = {"version": number, "reason": reason, "expects": expects, **shift}
        return _moved_by(remote, "model.promote", asked.model, said)
    workspace = Workspace.open(asked.env)
    with Terminal(PROGRESS) as terminal:
        context = workspace.context(asked.model, terminal).shifted(shift)
        local_stack.check_up(workspace.settings)
        rollout = promote(context, number, reason, expects=expects)
        return _answer(asked.model, rollout)


def roll_back_model(asked: Asked, *, reason: str) -> Answer:
    """Serve what served before."""
    expects = expected_version(asked.expects)
    if (remote := remote_of(asked.env, asked.controller)) is not None:
        said = {"reason": reason, "expects": expects}
        return _moved_by(remote, "model.rollback", asked.model, said)
    workspace = Workspace.open(asked.env)
    with Terminal(PROGRESS) as terminal:
        context = workspace.context(asked.model, terminal)
        local_stack.check_up(workspace.settings)
        return _answer(asked.model, roll_back(context, reason, expects=expects))


def _moved_by(
    remote: Remote, action: str, model: str, said: Mapping[str, object]
) -> Answer:
    """Ask a controller for a deployment, and wait until its worker is done with it."""
    model = known_model(remote, model)
    row = remote.ask(action, model=model, **said)
    with Terminal(PROGRESS) as terminal:
        while not row.ended:
            share = row.progress.get("share")
            state = f"{row.state}, {share} % of the traffic" if share else row.state
            terminal.step_status("deploy", state)
            time.sleep(_PAUSE)
            row = remote.ask("deployment.show", id=row.id)
    returned = action == "model.rollback" and row.kind != "rollback"
    wanted = {"aborted", "rolled_back"} if returned else {"succeeded"}
    if row.state not in wanted:
        message = f"Version {row.version} is {row.state}: {row.reason or 'no reason'}"
        raise StepFailedError(message)
    serving = remote.ask("endpoint.show", name=row.endpoint_name)
    config, version = serving.desired_config_name, serving.desired_version
    return _answer(model, Rollout(row.endpoint_name, config, version))


def _answer(model: str, rollout: Rollout) -> Answer:
    data = {
        "model": model,
        "endpoint_name": rollout.endpoint_name,
        "endpoint_config_name": rollout.endpoint_config_name,
        "version": rollout.version,
    }
    text = f"{rollout.endpoint_name} serves version {rollout.version}, verified"
    return Answer(data, (text,))
