"""The rollout of the registered version to the model's endpoint, verified."""

from slipway.controller.deployments import deploy
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.versions import version_of

NAME = "deploy"


def _reads(task: Task) -> object:
    return {"version": task.done["register"]["version"]}


def _perform(task: Task) -> Outputs:
    number = task.done["register"]["version"]
    version = version_of(task.context, number)
    rollout = deploy(task.context, task.run_id, version)
    return {
        "endpoint_name": rollout.endpoint_name,
        "endpoint_config_name": rollout.endpoint_config_name,
        "version": rollout.version,
        "changed": rollout.changed,
    }


def _stands(_task: Task, _outputs: Outputs) -> bool:
    """Never take a rollout on trust: what serves now is looked at each time."""
    return False


def _note(outputs: Outputs) -> str:
    state = "verified" if outputs["changed"] else "live already"
    return f"{outputs['endpoint_name']} serves version {outputs['version']}, {state}"


DEPLOY = Definition(NAME, _reads, _perform, _stands, _note)
