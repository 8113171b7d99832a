"""The image of a run: named when the run is opened, built before its first job."""

from collections.abc import Callable
from dataclasses import replace

from slipway.application.workspace import Workspace
from slipway.controller.orm import Run
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.errors import InvalidRequestError, StepFailedError
from slipway.images.tool import silent


def in_image(
    definition: Definition, make: Callable[[], None], is_stopped: Callable[[], bool]
) -> Definition:
    """Return a step that has its run's image made before it is done.

    A step that is found done needs none. One that was stopped meanwhile begins no job.
    """

    def perform(task: Task) -> Outputs:
        make()
        if is_stopped():
            message = f"{definition.name} was stopped before its job began"
            raise StepFailedError(message)
        return definition.perform(task)

    return replace(definition, perform=perform)


def make_image(workspace: Workspace, run: Run) -> None:
    """Build the image that a run was opened with, unless it is there.

    Raise InvalidRequestError where the model's folder is not what it was then.
    """
    uri, kind = run.parameters["image_uri"], workspace.image_kind()
    if workspace.has_image(uri, kind):
        return
    _check_same(run, workspace.image_of(run.model, kind).uri)
    _check_same(run, workspace.build(run.model, kind, silent).uri)


def _check_same(run: Run, uri: str) -> None:
    opened_with = run.parameters["image_uri"]
    if uri != opened_with:
        message = (
            f"models/{run.model} changed since run {run.run_id} was opened, and the image"
            f" {opened_with} is not there: today's would be {uri}. Open another run, or"
            " bring the folder's files back"
        )
        raise InvalidRequestError(message)
