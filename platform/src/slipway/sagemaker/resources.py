"""The SageMaker resources that Slipway works with, and how each is spoken to."""

from collections.abc import Mapping
from dataclasses import dataclass

from slipway.sagemaker import status
from slipway.sagemaker.status import Meaning


@dataclass(frozen=True)
class Resource:
    """One kind of SageMaker resource: its operations, members and messages."""

    #: The provider's noun in words, for messages.
    noun: str
    #: The member that names it in every request and answer.
    name_member: str
    arn_member: str
    create: str
    describe: str
    #: The listing that the orphan sweep alone makes.
    lists: str
    #: How an absent one answers: code, and how the message begins.
    missing: tuple[str, str]
    #: How one that is there already answers a create: code, and how the message begins.
    existing: tuple[str, str]
    #: The operation that stops it, if it can be stopped.
    stop: str | None = None
    #: The member of its description that holds its status; None: it exists or not.
    status_member: str | None = None
    #: What each status means.
    meanings: Mapping[str, Meaning] | None = None
    #: Where CloudWatch keeps its output.
    log_group: str | None = None


_JOB_EXISTS = ("ResourceInUse", "")
_VALIDATION = "ValidationException"

PROCESSING_JOB = Resource(
    noun="processing job",
    name_member="ProcessingJobName",
    arn_member="ProcessingJobArn",
    create="CreateProcessingJob",
    describe="DescribeProcessingJob",
    lists="ListProcessingJobs",
    stop="StopProcessingJob",
    missing=(_VALIDATION, "Could not find requested job"),
    existing=_JOB_EXISTS,
    status_member="ProcessingJobStatus",
    meanings=status.PROCESSING_JOB,
    log_group="/aws/sagemaker/ProcessingJobs",
)
TRAINING_JOB = Resource(
    noun="training job",
    name_member="TrainingJobName",
    arn_member="TrainingJobArn",
    create="CreateTrainingJob",
    describe="DescribeTrainingJob",
    lists="ListTrainingJobs",
    stop="StopTrainingJob",
    missing=(_VALIDATION, "Requested resource not found"),
    existing=_JOB_EXISTS,
    status_member="TrainingJobStatus",
    meanings=status.TRAINING_JOB,
    log_group="/aws/sagemaker/TrainingJobs",
)
TRANSFORM_JOB = Resource(
    noun="transform job",
    name_member="TransformJobName",
    arn_member="TransformJobArn",
    create="CreateTransformJob",
    describe="DescribeTransformJob",
    lists="ListTransformJobs",
    stop="StopTransformJob",
    missing=(_VALIDATION, "Could not find requested job"),
    existing=_JOB_EXISTS,
    status_member="TransformJobStatus",
    meanings=status.TRANSFORM_JOB,
    log_group="/aws/sagemaker/TransformJobs",
)
SAGEMAKER_MODEL = Resource(
    noun="model",
    name_member="ModelName",
    arn_member="ModelArn",
    create="CreateModel",
    describe="DescribeModel",
    lists="ListModels",
    missing=(_VALIDATION, "Could not find model"),
    existing=(_VALIDATION, "Cannot create already existing model"),
)
ENDPOINT_CONFIG = Resource(
    noun="endpoint configuration",
    name_member="EndpointConfigName",
    arn_member="EndpointConfigArn",
    create="CreateEndpointConfig",
    describe="DescribeEndpointConfig",
    lists="ListEndpointConfigs",
    missing=(_VALIDATION, "Could not find endpoint configuration"),
    existing=(_VALIDATION, "Cannot create already existing endpoint configuration"),
)
ENDPOINT = Resource(
    noun="endpoint",
    name_member="EndpointName",
    arn_member="EndpointArn",
    create="CreateEndpoint",
    describe="DescribeEndpoint",
    lists="ListEndpoints",
    missing=(_VALIDATION, 'Could not find endpoint "'),
    existing=(_VALIDATION, 'Cannot create already existing endpoint "'),
    status_member="EndpointStatus",
    meanings=status.ENDPOINT,
    log_group="/aws/sagemaker/Endpoints",
)

#: By the word that the controller's `operation.resource` column holds.
RESOURCES = {
    "processing_job": PROCESSING_JOB,
    "training_job": TRAINING_JOB,
    "transform_job": TRANSFORM_JOB,
    "sagemaker_model": SAGEMAKER_MODEL,
    "endpoint_config": ENDPOINT_CONFIG,
    "endpoint": ENDPOINT,
}
