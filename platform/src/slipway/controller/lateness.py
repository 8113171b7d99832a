"""Runs and steps that nobody takes further: given up, with what to do."""

import datetime as dt
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from slipway.controller.estate import Estate
from slipway.controller.exclusive import unless_moving
from slipway.controller.findings import Finding
from slipway.controller.leased import run_lease
from slipway.controller.orm import Run, Step
from slipway.controller.states import CHARTS
from slipway.controller.store import Leases, Store
from slipway.controller.store.due import Due
from slipway.errors import ConflictError

#: How many of them one pass gives up: the next one goes on.
_MOST = 100


def abandoned(estate: Estate, due: Due) -> Iterator[Finding]:
    """Give up what passed its deadline, and yield a finding for each that is stuck.

    A deadline counts from when a row moved last and somebody held its run last: what a
    living command or worker holds is never given up.
    """
    known = [_finding(row, new=False) for row in due.given_up()]
    yield from known
    for row in islice(_late(estate, due), _MOST):
        with (
            unless_moving(estate.leasing(_lease(row))) as held,
            suppress(ConflictError),
        ):
            if held is not None:
                yield _finding(_given_up(held.store, row), new=True)


def _late(estate: Estate, due: Due) -> Iterator[Run | Step]:
    """Yield what has stood, and been held by nobody, for longer than its chart says.

    Steps come first: the run of one that is given up is given up with it.
    """
    leases, now = Leases(estate.store.database), estate.store.now()
    for table in (Step, Run):
        for state in CHARTS[table.__tablename__].states:
            if state.deadline is None:
                continue
            before = now - dt.timedelta(seconds=state.deadline)
            for row in due.unmoved(table, state.name, before):
                held = leases.seen(_lease(row))
                if held is None or held.expires_at < before.timestamp():
                    yield row


def _given_up(store: Store, row: Run | Step) -> Run | Step:
    """Give up a run, or a step and its run; ConflictError: somebody moved it meanwhile."""
    reason = _reason(row)
    if isinstance(row, Run):
        return store.advance(row, "give_up", reason)
    run = store.records.run(row.run_id)
    with store.changing() as changes:
        if run is not None and run.state == "running":
            changes.advance(run, "give_up", reason)
        return changes.advance(row, "give_up", reason, retryable=True)


def _reason(row: Run | Step) -> str:
    state = CHARTS[row.__tablename__].state(row.state)
    return (
        f"The {row.__tablename__} {_name(row)} is {state.name} since"
        f" {row.changed_at:%Y-%m-%dT%H:%M:%SZ}, and nobody is at it. What to do:"
        f" {state.advice}"
    )


def _finding(row: Run | Step, *, new: bool) -> Finding:
    kind = row.__tablename__
    return Finding("stuck", row.model, kind, _name(row), row.reason, new=new)


def _name(row: Run | Step) -> str:
    return row.run_id if isinstance(row, Run) else f"{row.run_id} {row.name}"


def _lease(row: Run | Step) -> str:
    return run_lease(row.environment, row.model, row.run_id)
