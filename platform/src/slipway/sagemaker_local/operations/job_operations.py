"""Create, describe, stop and list processing and training jobs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.executors.contract import (
    ROOT,
    UnsafePathError,
    below_root,
)
from slipway.sagemaker_local.identity import arn
from slipway.sagemaker_local.jobs.defaults import (
    processing_defaults,
    training_defaults,
)
from slipway.sagemaker_local.jobs.kinds import PROCESSING, TRAINING, JobKind
from slipway.sagemaker_local.jobs.metrics import invalid_pattern
from slipway.sagemaker_local.jobs.progress import entered
from slipway.sagemaker_local.jobs.training import (
    LONGEST_RUNTIME,
    RESERVED,
    checkpoint_folder,
    model_artifact,
)
from slipway.sagemaker_local.operations.job_addresses import check_addresses
from slipway.sagemaker_local.operations.job_records import (
    begin,
    check_image,
    described,
    new_job,
)
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.stack import Stack

Payload = Mapping[str, Any]
Answer = dict[str, Any]
_PROCESSING_ROOT = "/opt/ml/processing/"
_TRAINING_LISTING = Listing(
    "training-job",
    "TrainingJobSummaries",
    status="TrainingJobStatus",
    shows_modified=True,
    status_is_last=True,
)
_PROCESSING_LISTING = Listing(
    "processing-job",
    "ProcessingJobSummaries",
    status="ProcessingJobStatus",
    shows_modified=True,
)


def create_training_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateTrainingJob."""
    _check_unique(payload, "InputDataConfig", "ChannelName")
    _check_runtime(payload.get("StoppingCondition", {}))
    algorithm = payload["AlgorithmSpecification"]
    pattern = invalid_pattern(algorithm.get("MetricDefinitions", []))
    if pattern is not None:
        message = f"The metric definition's regex '{pattern}' must compile and capture"
        raise faults.validation(message)
    folder = checkpoint_folder(payload)
    if folder is not None:
        _check_local_path(folder, ROOT)
        _check_apart(folder, RESERVED)
    check_addresses(TRAINING, payload)
    description = {
        **training_defaults(payload),
        "ModelArtifacts": {"S3ModelArtifacts": model_artifact(payload)},
        "SecondaryStatusTransitions": [],
    }
    job = new_job(TRAINING, region, payload["TrainingJobName"], description)
    check_image(stack, job, algorithm["TrainingImage"])
    begin(stack, TRAINING, entered(job, TRAINING, "Starting"))
    return {"TrainingJobArn": job.arn}


def _check_runtime(stopping: Mapping[str, Any]) -> None:
    asked = stopping.get("MaxRuntimeInSeconds", 0)
    if asked > LONGEST_RUNTIME:
        member = "stoppingCondition.maxRuntimeInSeconds"
        raise faults.above(asked, LONGEST_RUNTIME, member)


def create_processing_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateProcessingJob."""
    inputs = payload.get("ProcessingInputs", [])
    outputs = payload.get("ProcessingOutputConfig", {}).get("Outputs", [])
    _check_unique(payload, "ProcessingInputs", "InputName")
    _check_unique(payload.get("ProcessingOutputConfig", {}), "Outputs", "OutputName")
    paths = [each["S3Input"]["LocalPath"] for each in inputs]
    paths += [each["S3Output"]["LocalPath"] for each in outputs]
    for path in paths:
        _check_local_path(path, _PROCESSING_ROOT)
    _check_own_folders(paths)
    check_addresses(PROCESSING, payload)
    description = processing_defaults(payload)
    job = new_job(PROCESSING, region, payload["ProcessingJobName"], description)
    image = payload["AppSpecification"]["ImageUri"]
    check_image(stack, job, image)
    begin(stack, PROCESSING, job)
    return {"ProcessingJobArn": job.arn}


def describe_training_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeTrainingJob."""
    return described(stack, region, TRAINING, payload["TrainingJobName"])


def describe_processing_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeProcessingJob."""
    return described(stack, region, PROCESSING, payload["ProcessingJobName"])


def stop_training_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """StopTrainingJob."""
    return _stop(stack, region, TRAINING, payload["TrainingJobName"])


def stop_processing_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """StopProcessingJob."""
    return _stop(stack, region, PROCESSING, payload["ProcessingJobName"])


def delete_training_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteTrainingJob."""
    return _delete(stack, region, TRAINING, payload["TrainingJobName"])


def delete_processing_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """DeleteProcessingJob."""
    return _delete(stack, region, PROCESSING, payload["ProcessingJobName"])


def list_training_jobs(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListTrainingJobs."""
    return list_page(stack.store, region, _TRAINING_LISTING, payload)


def list_processing_jobs(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListProcessingJobs."""
    return list_page(stack.store, region, _PROCESSING_LISTING, payload)


def _stop(stack: Stack, region: str, kind: JobKind, name: str) -> Answer:
    stack.jobs.stop(kind, arn(region, kind.kind, name), name)
    return {}


def _delete(stack: Stack, region: str, kind: JobKind, name: str) -> Answer:
    stack.jobs.delete(kind, arn(region, kind.kind, name), name)
    return {}


def _check_unique(payload: Payload, parts: str, member: str) -> None:
    names = Counter(part[member] for part in payload.get(parts, []))
    for name, count in names.items():
        if count > 1:
            raise faults.repeated_name(parts, name)


def _check_apart(folder: str, reserved: Sequence[str]) -> None:
    """Refuse a folder that is, holds or lies in one of SageMaker's own."""
    for own in reserved:
        if f"{folder}/".startswith(f"{own}/") or f"{own}/".startswith(f"{folder}/"):
            raise faults.local_path_taken(folder)


def _check_own_folders(paths: Sequence[str]) -> None:
    folders = Counter(path.rstrip("/") for path in paths)
    for folder, count in folders.items():
        if count > 1:
            raise faults.local_path_taken(folder)


def _check_local_path(path: str, root: str) -> None:
    try:
        below_root(path)
    except UnsafePathError as error:
        raise faults.bad_local_path(path, root) from error
    if not path.startswith(root):
        raise faults.bad_local_path(path, root)
