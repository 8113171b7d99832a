"""The order of the steps."""

from collections.abc import Mapping, Sequence

from slipway.controller.steps.definition import Definition
from slipway.controller.steps.deploy import DEPLOY
from slipway.controller.steps.evaluate import EVALUATE
from slipway.controller.steps.extract import EXTRACT
from slipway.controller.steps.prepare import PREPARE
from slipway.controller.steps.preprocess import PREPROCESS
from slipway.controller.steps.publish import PUBLISH
from slipway.controller.steps.quality import QUALITY
from slipway.controller.steps.register import REGISTER
from slipway.controller.steps.train import TRAIN
from slipway.controller.steps.transform import TRANSFORM
from slipway.errors import NotFoundError, suggestion

#: From the SQL script to a registered version.
TO_REGISTER = (EXTRACT, QUALITY, PREPROCESS, TRAIN, EVALUATE, REGISTER)
#: And on to an endpoint that answers.
TO_DEPLOY = (*TO_REGISTER, DEPLOY)
#: From the SQL script to published predictions of a version.
TO_PUBLISH = (EXTRACT, QUALITY, PREPARE, TRANSFORM, PUBLISH)
#: What a run can be opened for, each with all of its steps.
PIPELINES: Mapping[str, Sequence[Definition]] = {
    "training": TO_DEPLOY,
    "scoring": TO_PUBLISH,
}


def step_of(pipeline: str, name: str) -> Definition:
    """Return the step called `name` of a pipeline; raise where it has none."""
    steps = {definition.name: definition for definition in PIPELINES[pipeline]}
    if name not in steps:
        message = f"A {pipeline} run has no step {name!r}.{suggestion(name, steps)}"
        raise NotFoundError(message)
    return steps[name]


def steps_before(pipeline: str, name: str) -> list[str]:
    """Return the names of the steps that must be done before the one called `name`."""
    names = [definition.name for definition in PIPELINES[pipeline]]
    return names[: names.index(name)]
