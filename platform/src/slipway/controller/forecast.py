"""What the steps of a run would do, were it begun now; nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.controller.context import Context, Request
from slipway.controller.steps.definition import Definition, Outputs, Task
from slipway.controller.steps.pipeline import TO_REGISTER
from slipway.controller.taking import with_digest

#: A run that is none: a step's digest does not depend on its run.
_NO_RUN = ""


@dataclass(frozen=True)
class Forecast:
    """What each step would do, and what it would lead to."""

    #: `cached` or `runs`, by step.
    steps: dict[str, str]
    #: The version that the run would end with; None: a new training decides.
    version: int | None


def forecast(
    context: Context, request: Request, pipeline: Sequence[Definition] = TO_REGISTER
) -> Forecast:
    """Return which steps would be taken from the cache: all behind the first that runs, run."""
    done: dict[str, Outputs] = {}
    for definition in pipeline:
        task = with_digest(Task(context, request, _NO_RUN, done), definition)
        cached = context.store.records.cached_step(
            context.spec.name,
            context.settings.environment.name,
            definition.name,
            task.digest,
        )
        if cached is None or not definition.stands(task, cached.outputs):
            break
        done[definition.name] = cached.outputs
    steps = {one.name: "cached" if one.name in done else "runs" for one in pipeline}
    return Forecast(steps, done.get("register", {}).get("version"))
