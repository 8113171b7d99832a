"""The rollout of the registered version to the model's endpoint, verified."""

from slipway.controller.champions import expect_champion
from slipway.controller.deployments import deploy, is_live
from slipway.controller.steps.definition import Definition, Moves, Outputs, Task
from slipway.controller.versions import version_of

NAME = "deploy"


def _reads(task: Task) -> object:
    return {"version": task.done["register"]["version"]}


def _perform(task: Task) -> Outputs:
    number = task.done["register"]["version"]
    expect_champion(task.context, task.context.expects)
    version = version_of(task.context, number)
    rollout = deploy(task.context, task.run_id, version)
    return {
        "endpoint_name": rollout.endpoint_name,
        "endpoint_config_name": rollout.endpoint_config_name,
        "version": rollout.version,
    }


def _stands(task: Task, outputs: Outputs) -> bool:
    """Look at what serves now: a rollout is never taken on trust."""
    version = version_of(task.context, outputs["version"])
    return is_live(task.context, version)


def _note(outputs: Outputs) -> str:
    return f"{outputs['endpoint_name']} serves version {outputs['version']}, verified"


DEPLOY = Definition(NAME, _reads, _perform, _stands, _note, Moves.SERVING)
