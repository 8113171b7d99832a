"""Runs and steps that stand in a state for longer than their chart allows."""

import datetime as dt
from collections.abc import Iterator

from slipway.controller.findings import Finding
from slipway.controller.orm import Run, Step
from slipway.controller.states import CHARTS
from slipway.controller.store.due import Due


def late(due: Due, now: dt.datetime) -> Iterator[Finding]:
    """Yield a finding for each, with what to do; nothing of it is moved."""
    for table in (Run, Step):
        kind = table.__tablename__
        for state in CHARTS[kind].states:
            if state.deadline is None:
                continue
            before = now - dt.timedelta(seconds=state.deadline)
            for row in due.unmoved(table, state.name, before):
                name = (
                    row.run_id if isinstance(row, Run) else f"{row.run_id} {row.name}"
                )
                message = (
                    f"The {kind} {name} is {state.name} since"
                    f" {row.changed_at:%Y-%m-%dT%H:%M:%SZ}. What to do: {state.advice}"
                )
                yield Finding("stuck", row.model, kind, name, message, new=False)
