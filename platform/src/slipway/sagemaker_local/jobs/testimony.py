"""What a container says about its own end, in its files and its log."""

from codecs import getincrementaldecoder
from pathlib import Path
from typing import Any

from slipway.sagemaker_local.executors.contract import Condition
from slipway.sagemaker_local.jobs.kinds import ContainerJobKind
from slipway.sagemaker_local.jobs.metrics import final_metrics
from slipway.sagemaker_local.jobs.plan import JobFaultError
from slipway.sagemaker_local.store import Record

#: Of a message or a failure file, in bytes; SageMaker reads no further.
LONGEST_TEXT = 1024
_LONGEST_REASON = 1024
OUT_OF_MEMORY = (
    "ClientError: Please use an instance type with more memory, or reduce the size of "
    "job data processed on an instance."
)


def metrics_said(job: Record, log: Path) -> dict[str, Any]:
    """Return FinalMetricDataList of a training job; nothing where it logged none."""
    definitions = job.description["AlgorithmSpecification"].get("MetricDefinitions", [])
    found = final_metrics(definitions, log)
    return {"FinalMetricDataList": found} if found else {}


def exit_message(raw: bytes) -> dict[str, Any]:
    """Return ExitMessage of a processing job; one that is not UTF-8 fails the job."""
    try:
        return {"ExitMessage": _text(raw, "strict")} if raw else {}
    except UnicodeDecodeError as error:
        message = "ClientError: the job's exit message is not UTF-8"
        raise JobFaultError(message) from error


def reason_of(kind: ContainerJobKind, condition: Condition, said: bytes) -> str:
    """Return AWS's FailureReason of a container that ended badly."""
    if condition.out_of_memory:
        return OUT_OF_MEMORY
    if condition.error:
        text = f"the container could not be started: {condition.error}"
        return failure_reason(kind, text, condition.exit_code)
    return failure_reason(kind, _text(said, "replace"), condition.exit_code)


def failure_reason(kind: ContainerJobKind, said: str, exit_code: int) -> str:
    """Return AWS's FailureReason of a container that exited with a code."""
    suffix = f", exit code: {exit_code}"
    text = f"AlgorithmError: {said or kind.silent_failure}"
    return text[: _LONGEST_REASON - len(suffix)] + suffix


def _text(raw: bytes, errors: str) -> str:
    """Decode UTF-8 whose last character may be cut off at the limit."""
    is_whole = len(raw) < LONGEST_TEXT
    return getincrementaldecoder("utf-8")(errors).decode(raw, final=is_whole)
