"""The version that a scoring run asks."""

from slipway.controller.orm import ModelVersion
from slipway.controller.steps.definition import Task
from slipway.controller.versions import version_of
from slipway.errors import InvalidRequestError


def scored_version(task: Task) -> ModelVersion:
    """Return the version that the run was opened to score with."""
    number = task.request.version
    if number is None:
        message = f"Run {task.run_id} was opened without the version to score with"
        raise InvalidRequestError(message)
    return version_of(task.context, number)
