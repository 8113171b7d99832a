"""Models tested: their own unit tests, then their image on their fixtures."""

import time
from typing import Any

from slipway.application.state import images_root, made_state
from slipway.application.workspace import Workspace
from slipway.errors import InvalidRequestError
from slipway.images import Kind
from slipway.images.docker_image import daemon_answers
from slipway.images.fixture_test import fixture_test
from slipway.images.unit_tests import run_unit_tests
from slipway.spec import model_names
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.terminal import Terminal


def test_models(model: str, *, every: bool) -> Answer:
    """Test one model, or every one; raise the error of the first that fails."""
    workspace = Workspace.open("local")
    if every and model:
        message = f"Give either --model {model} or --all, which is every model"
        raise InvalidRequestError(message)
    names = model_names(workspace.settings.models) if every else [model]
    if not names or not names[0]:
        message = "Which model? invoke test --model <name>, or invoke test --all"
        raise InvalidRequestError(message)
    made_state(workspace.settings)
    tested = {name: _test(workspace, name) for name in names}
    shown = (f"{name}: every test passed" for name in tested)
    return Answer({"models": tested}, tuple(shown))


def _test(workspace: Workspace, name: str) -> list[dict[str, Any]]:
    folder, root = workspace.folder(name), images_root(workspace.settings)
    with Terminal(PROGRESS) as terminal:
        began = time.monotonic()
        terminal.step_began("unit tests")
        run_unit_tests(folder, images_root=root, progress=terminal.say)
        seconds = time.monotonic() - began
        terminal.step_ended("unit tests", "succeeded", seconds, name)
        image = workspace.build(name, _kind(workspace), terminal.say)
        times = fixture_test(folder, image, images_root=root, progress=terminal.say)
        for step in times:
            note = f"the {image.kind} image on the fixtures"
            terminal.step_ended(step.step, "succeeded", step.seconds, note)
    steps = [{"name": "unit tests", "seconds": round(seconds, 3)}]
    return steps + [{"name": t.step, "seconds": round(t.seconds, 3)} for t in times]


def _kind(workspace: Workspace) -> Kind:
    """Return what the local stack would run, without starting it."""
    stack = workspace.settings.environment.local_stack
    executor = stack.executor if stack else "docker"
    if executor == "auto":
        return "docker" if daemon_answers() else "process"
    return executor
