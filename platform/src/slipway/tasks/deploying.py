"""A deployment that a person lets go on, names, or takes back."""

from collections.abc import Mapping

from slipway.application import local_stack
from slipway.application.workspace import Workspace
from slipway.controller.deployments import Rollout, promote, roll_back
from slipway.errors import InvalidRequestError
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.moving import expected_version, shifted
from slipway.tasks.terminal import Terminal


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
        shift = {"strategy": "canary", "canary_percent": canary}
    elif linear:
        shift = {"strategy": "linear", "step_percent": linear}
    elif all_at_once:
        shift = {"strategy": "all_at_once", "bake_seconds": 0}
    return shift | ({"bake_seconds": bake} if bake else {})


def promote_model(
    env: str,
    model: str,
    *,
    version: str,
    reason: str,
    expects: str,
    shift: Mapping[str, object],
) -> Answer:
    """Let a deployment go on, or deploy a known version."""
    if version and not version.isdecimal():
        message = f"--version {version!r} is not a version's number, such as 3"
        raise InvalidRequestError(message)
    workspace = Workspace.open(env)
    with Terminal(PROGRESS) as terminal:
        context = shifted(workspace.context(model, terminal), shift)
        local_stack.check_up(workspace.settings)
        number, champion = int(version) if version else None, expected_version(expects)
        rollout = promote(context, number, reason, expects=champion)
        return _answer(model, rollout, "now serves")


def roll_back_model(env: str, model: str, *, reason: str, expects: str) -> Answer:
    """Serve what served before."""
    workspace = Workspace.open(env)
    with Terminal(PROGRESS) as terminal:
        context = workspace.context(model, terminal)
        local_stack.check_up(workspace.settings)
        rollout = roll_back(context, reason, expects=expected_version(expects))
        return _answer(model, rollout, "serves")


def _answer(model: str, rollout: Rollout, verb: str) -> Answer:
    data = {
        "model": model,
        "endpoint_name": rollout.endpoint_name,
        "endpoint_config_name": rollout.endpoint_config_name,
        "version": rollout.version,
    }
    text = f"{rollout.endpoint_name} {verb} version {rollout.version}, verified"
    return Answer(data, (text,))
