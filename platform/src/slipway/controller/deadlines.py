"""How long an operation may stand where it stands."""

import datetime as dt

from slipway.controller.orm import Deployment, Operation, Stateful
from slipway.controller.states import CHARTS
from slipway.controller.states.chart import DAY, HOUR
from slipway.sagemaker.resources import RESOURCES

_STATES = {state.name: state for state in CHARTS["operation"].states}


def allowed(operation: Operation) -> dt.timedelta | None:
    """Return how long the operation may stay in its state; None: as long as it likes.

    A job has the runtime that its payload allows, and an hour to find an instance; an
    endpoint's update what its deployment allows, and an hour to be taken back.
    """
    seconds = _STATES[operation.state].deadline
    if operation.state == "submitted" and operation.call == "UpdateEndpoint":
        policy = operation.payload.get("DeploymentConfig", {})
        shift = policy.get("BlueGreenUpdatePolicy", {})
        longest = shift.get("MaximumExecutionTimeoutInSeconds", HOUR)
        seconds = max(seconds or 0, int(longest) + HOUR)
    if operation.state == "submitted" and RESOURCES[operation.resource].stop:
        condition = operation.payload.get("StoppingCondition") or {}
        seconds = int(condition.get("MaxRuntimeInSeconds", DAY)) + HOUR
    return dt.timedelta(seconds=seconds) if seconds is not None else None


def is_overdue(operation: Operation, now: dt.datetime) -> bool:
    """Tell whether the operation stands in its state for too long."""
    limit = allowed(operation)
    return limit is not None and now - operation.changed_at > limit


def is_late(kind: str, row: Stateful, now: dt.datetime) -> bool:
    """Tell whether a row of any kind stands in its state for longer than its chart says."""
    limit = CHARTS[kind].state(row.state).deadline
    return limit is not None and now - row.changed_at > dt.timedelta(seconds=limit)


def waits_for_a_person(deployment: Deployment) -> bool:
    """Tell whether a deployment holds, and what served before it serves meanwhile."""
    held = deployment.state == "holding"
    return held and bool(deployment.progress.get("taken_back"))


def advice(operation: Operation) -> str:
    """Return what a person can do about an operation that stands where it stands."""
    state = _STATES[operation.state]
    return f"{operation.name} is {state.name} for too long. What to do: {state.advice}"
