"""A job's statuses as Describe shows them."""

import time
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.sagemaker_local.jobs.kinds import JobKind
from slipway.sagemaker_local.store import Record

#: What SageMaker says on entering a secondary status.
MESSAGES = {
    "Starting": "Starting the training job",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Uploading": "Uploading generated training model",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
}
_LONGEST_REASON = 1024


@dataclass(frozen=True)
class Outcome:
    """How a job ended."""

    #: Completed, Failed or Stopped.
    status: str
    #: The last secondary status, where it says more than the status.
    secondary: str = ""
    reason: str = ""
    #: Further members of the description.
    members: dict[str, Any] = field(default_factory=dict)


def entered(
    job: Record, kind: JobKind, secondary: str, *, now: float | None = None
) -> Record:
    """Return the job in a secondary status, with the one before it ended."""
    if not kind.has_secondary:
        return job
    now = time.time() if now is None else now
    transitions = [dict(one) for one in job.description["SecondaryStatusTransitions"]]
    if transitions and transitions[-1]["Status"] == secondary:
        return job
    if transitions:
        transitions[-1].setdefault("EndTime", now)
    text = MESSAGES[secondary]
    transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": text})
    return job.with_description(
        SecondaryStatus=secondary, SecondaryStatusTransitions=transitions
    )


def finished(job: Record, kind: JobKind, outcome: Outcome) -> Record:
    """Return the job as it ended."""
    now = time.time()
    job = entered(job, kind, outcome.secondary or outcome.status, now=now)
    members: dict[str, Any] = {
        f"{kind.prefix}EndTime": now,
        "FailureReason": outcome.reason[:_LONGEST_REASON] or None,
        **outcome.members,
    }
    if kind.has_secondary:
        transitions = [*job.description["SecondaryStatusTransitions"]]
        transitions[-1] = {**transitions[-1], "EndTime": now}
        members["SecondaryStatusTransitions"] = transitions
        start = job.description.get("TrainingStartTime")
        if start is not None:
            seconds = max(1, round(now - start))
            members["TrainingTimeInSeconds"] = seconds
            members["BillableTimeInSeconds"] = seconds
    return replace(job, status=outcome.status).with_description(**members)
