"""What a run holds while it goes: itself, and for a step what others may want as well."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from slipway.controller.context import Context
from slipway.controller.estate import Estate, Mover
from slipway.controller.exclusive import holder_of, moving, unless_moving
from slipway.controller.leased import (
    collection_of,
    run_lease,
    runs_of,
    versions_lease,
)
from slipway.controller.orm import Run
from slipway.controller.steps.definition import Definition, Moves, Task
from slipway.controller.store import Seen

#: Asked at each look at a lease that somebody else holds.
Waiting = Callable[[Seen], None]


def telling(context: Context, what: str) -> Waiting:
    """Return what tells the context's observer of each holder that is waited for, once."""
    told = set[int]()

    def tell(seen: Seen) -> None:
        if seen.token not in told:
            told.add(seen.token)
            context.observer.waits(f"{what}: waiting for {holder_of(seen)}")

    return tell


@contextmanager
def running(context: Context, run: Run) -> Iterator[Context]:
    """Hold a run, once nothing of its model is being collected."""
    place = (run.environment, run.model)
    own = context.mover(run_lease(*place, run.run_id))
    twice = telling(context, f"run {run.run_id} is taken by another command")
    with moving(own, twice) as held:
        collected = telling(context, f"what {run.model} needs no more is collected")
        with moving(context.mover(collection_of(context.lease)), collected):
            pass
        yield replace(context, store=held.store)


@contextmanager
def unless_running(context: Context, run: Run) -> Iterator[Context | None]:
    """Hold a run as `running` does; None if somebody who lives keeps it from that."""
    place = (run.environment, run.model)
    with unless_moving(context.mover(run_lease(*place, run.run_id))) as held:
        if held is not None:
            with unless_moving(context.mover(collection_of(context.lease))) as free:
                held = held if free is not None else None
        yield replace(context, store=held.store) if held is not None else None


@contextmanager
def claimed(task: Task, definition: Definition, waiting: Waiting) -> Iterator[Task]:
    """Hold what a step needs for itself; yield the step, whose writes that fences."""
    context, name = task.context, task.context.spec.name
    environment = context.settings.environment.name
    resource = {
        Moves.NOTHING: task.key(definition.name),
        Moves.VERSIONS: versions_lease(environment, name),
        Moves.SERVING: context.lease,
    }[definition.moves]
    with moving(context.mover(resource), waiting) as held:
        yield replace(task, context=replace(context, store=held.store))


@contextmanager
def moving_model(context: Context, waiting: Waiting | None = None) -> Iterator[Context]:
    """Hold what serves of a model, unless the context's writer holds it already.

    Whoever begins a deployment or carries one out does it in here. `waiting` is asked
    at each look at the lease; None: the observer is told.
    """
    if any(held.resource == context.lease for held in context.store.held):
        yield context
        return
    busy = f"another command changes what serves {context.spec.name}"
    with moving(context, waiting or telling(context, busy)) as held:
        yield held


@contextmanager
def alone(estate: Estate, model: str) -> Iterator[Mover | None]:
    """Hold a model of which no run goes on; None: one does, or somebody moves it.

    A run that begins meanwhile waits; once it waits no longer, nothing more is written
    here. One whose worker is dead is held for a moment, so that a worker which only
    slept writes nothing any more.
    """
    place = (estate.environment, model)
    with ExitStack() as stack:
        held = stack.enter_context(unless_moving(estate.mover(model)))
        if held is None:
            yield None
            return
        gate = estate.leasing(collection_of(held.lease))
        shut = stack.enter_context(unless_moving(replace(gate, store=held.store)))
        if shut is None:
            yield None
            return
        runs = shut.leases.held_below(runs_of(*place))
        yield shut if all(_is_dead(estate, run) for run in runs) else None


def _is_dead(estate: Estate, lease: str) -> bool:
    """Tell whether nobody who lives holds a run."""
    with unless_moving(estate.leasing(lease)) as held:
        return held is not None
