"""What tells processing, training and transform jobs apart, as data."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.identity import Kind
from slipway.sagemaker_local.jobs import processing, training
from slipway.sagemaker_local.jobs.plan import Plan
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.store import Record

UNFINISHED = ("InProgress", "Stopping")


@dataclass(frozen=True)
class JobKind:
    """One kind of job."""

    kind: Kind
    #: As error messages call it.
    noun: str
    #: Prefix of its members: `TrainingJobStatus`, `TrainingEndTime`.
    prefix: str
    #: Keeps SecondaryStatus and its transitions.
    has_secondary: bool
    exists: Callable[[str], AwsError]
    missing: Callable[[str], AwsError]
    #: The answer to a stop of one that is not there.
    nothing_to_stop: Callable[[str], AwsError]


@dataclass(frozen=True)
class ContainerJobKind(JobKind):
    """One kind of job that a container carries out by itself."""

    plan: Callable[[Record, LogFolder], Plan]
    #: Where the container says why it failed.
    failure: str
    #: Where the container says how it ended; None where SageMaker does not look.
    message: str | None
    #: What FailureReason says of a container that said nothing.
    silent_failure: str


TRAINING = ContainerJobKind(
    kind="training-job",
    noun="training",
    prefix="Training",
    plan=training.training_plan,
    failure=training.FAILURE,
    message=None,
    silent_failure="",
    has_secondary=True,
    exists=faults.training_job_exists,
    missing=faults.training_job_missing,
    nothing_to_stop=faults.training_job_missing,
)
PROCESSING = ContainerJobKind(
    kind="processing-job",
    noun="processing",
    prefix="Processing",
    plan=processing.processing_plan,
    failure=processing.FAILURE,
    message=processing.MESSAGE,
    silent_failure="See job logs for more information",
    has_secondary=False,
    exists=faults.job_exists,
    missing=faults.processing_job_missing,
    nothing_to_stop=faults.processing_job_missing,
)
TRANSFORM = JobKind(
    kind="transform-job",
    noun="transform",
    prefix="Transform",
    has_secondary=False,
    exists=faults.job_exists,
    missing=faults.transform_job_missing,
    nothing_to_stop=faults.no_transform_job_to_stop,
)
KINDS: Mapping[Kind, JobKind] = {
    kind.kind: kind for kind in (TRAINING, PROCESSING, TRANSFORM)
}
