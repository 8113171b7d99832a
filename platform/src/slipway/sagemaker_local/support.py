"""The members and values of requests that the local SageMaker supports."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.errors import suggestion
from slipway.sagemaker_local.faults import AwsError, validation

_NEEDED = "!"
_S3_SOURCE: Mapping[str, Any] = {
    "S3DataType": ("S3Prefix",),
    "S3Uri": None,
    "S3DataDistributionType": ("FullyReplicated",),
}
_CONTAINER: Mapping[str, Any] = {
    "Image!": None,
    "ModelDataUrl": None,
    "Environment": None,
    "Mode": ("SingleModel",),
}
_LIST_JOBS: Mapping[str, Any] = {
    "CreationTimeAfter": None,
    "CreationTimeBefore": None,
    "LastModifiedTimeAfter": None,
    "LastModifiedTimeBefore": None,
    "NameContains": None,
    "StatusEquals": None,
    "SortBy": None,
    "SortOrder": None,
    "NextToken": None,
    "MaxResults": None,
}

#: By operation; whatever is not here is refused by name. A member's value: None takes
#: anything that is valid, a tuple takes these values, a mapping takes these members (of
#: a structure, or of each structure in a list). A name that ends in `!` must be given,
#: where SageMaker's model leaves it open.
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "AddTags": {"ResourceArn": None, "Tags": None},
    "CreateEndpoint": {"EndpointName": None, "EndpointConfigName": None, "Tags": None},
    "CreateEndpointConfig": {
        "EndpointConfigName": None,
        "ProductionVariants": {
            "VariantName": None,
            "ModelName!": None,
            "InitialInstanceCount!": None,
            "InstanceType!": None,
            "InitialVariantWeight": None,
            "VolumeSizeInGB": None,
            "ModelDataDownloadTimeoutInSeconds": None,
            "ContainerStartupHealthCheckTimeoutInSeconds": None,
        },
        "Tags": None,
    },
    "CreateModel": {
        "ModelName": None,
        "PrimaryContainer!": _CONTAINER,
        "ExecutionRoleArn": None,
        "EnableNetworkIsolation": None,
        "Tags": None,
    },
    "CreateProcessingJob": {
        "ProcessingJobName": None,
        "AppSpecification": {
            "ImageUri": None,
            "ContainerEntrypoint": None,
            "ContainerArguments": None,
        },
        "Environment": None,
        "NetworkConfig": {
            "EnableNetworkIsolation": None,
            "EnableInterContainerTrafficEncryption": (False,),
        },
        "ProcessingInputs": {
            "InputName": None,
            "AppManaged": (False,),
            "S3Input!": {
                **_S3_SOURCE,
                "LocalPath!": None,
                "S3InputMode": ("File",),
                "S3CompressionType": ("None",),
            },
        },
        "ProcessingOutputConfig": {
            "Outputs": {
                "OutputName": None,
                "AppManaged": (False,),
                "S3Output!": {
                    "S3Uri": None,
                    "LocalPath!": None,
                    "S3UploadMode": ("EndOfJob",),
                },
            }
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount!": (1,),
                "InstanceType!": None,
                "VolumeSizeInGB": None,
            }
        },
        "RoleArn": None,
        "StoppingCondition": None,
        "Tags": None,
    },
    "CreateTrainingJob": {
        "TrainingJobName": None,
        "AlgorithmSpecification!": {
            "TrainingImage!": None,
            "TrainingInputMode": ("File",),
            "ContainerEntrypoint": None,
            "ContainerArguments": None,
            "MetricDefinitions": None,
            "EnableSageMakerMetricsTimeSeries": (False,),
        },
        "EnableInterContainerTrafficEncryption": (False,),
        "EnableManagedSpotTraining": (False,),
        "EnableNetworkIsolation": None,
        "Environment": None,
        "HyperParameters": None,
        "InputDataConfig": {
            "ChannelName": None,
            "DataSource": {"S3DataSource!": _S3_SOURCE},
            "ContentType": None,
            "CompressionType": ("None",),
            "RecordWrapperType": ("None",),
            "InputMode": ("File",),
        },
        "OutputDataConfig": {"S3OutputPath": None, "CompressionType": None},
        "ResourceConfig!": {
            "InstanceCount!": (1,),
            "InstanceType!": None,
            "VolumeSizeInGB": None,
        },
        "RoleArn": None,
        "StoppingCondition": {"MaxRuntimeInSeconds": None},
        "Tags": None,
    },
    "DeleteEndpoint": {"EndpointName": None},
    "DeleteEndpointConfig": {"EndpointConfigName": None},
    "DeleteModel": {"ModelName": None},
    "DescribeEndpoint": {"EndpointName": None},
    "DescribeEndpointConfig": {"EndpointConfigName": None},
    "DescribeModel": {"ModelName": None},
    "DescribeProcessingJob": {"ProcessingJobName": None},
    "DescribeTrainingJob": {"TrainingJobName": None},
    "ListProcessingJobs": _LIST_JOBS,
    "ListTags": {"ResourceArn": None, "NextToken": None, "MaxResults": None},
    "ListTrainingJobs": _LIST_JOBS,
    "StopProcessingJob": {"ProcessingJobName": None},
    "StopTrainingJob": {"TrainingJobName": None},
    "UpdateEndpoint": {
        "EndpointName": None,
        "EndpointConfigName": None,
        "RetainAllVariantProperties": None,
        "ExcludeRetainedVariantProperties": None,
        "DeploymentConfig": {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": ("ALL_AT_ONCE",),
                    "WaitIntervalInSeconds": None,
                },
                "TerminationWaitInSeconds": None,
            }
        },
    },
}


def check_operation(operation: str) -> None:
    """Refuse an operation that is not in the table."""
    if operation not in OPERATIONS:
        message = (
            f"The local SageMaker server does not support the operation "
            f"'{operation}'.{suggestion(operation, OPERATIONS)}"
        )
        raise validation(message)


def check_members(operation: str, payload: Mapping[str, Any]) -> None:
    """Refuse a request with a member or a value that is not in the table."""
    for error in _unsupported(operation, payload, OPERATIONS[operation], ""):
        raise error


def _unsupported(
    operation: str, value: object, support: object, path: str
) -> Iterator[AwsError]:
    if value is None or support is None:
        return
    if isinstance(support, tuple):
        if value not in support:
            supported = ", ".join(map(str, support))
            message = (
                f"The local SageMaker server does not support the value '{value}' of "
                f"'{path}' in {operation}. Supported: {supported}"
            )
            yield validation(message)
    elif isinstance(value, list):
        for item in value:
            yield from _unsupported(operation, item, support, path)
    elif isinstance(value, Mapping) and isinstance(support, Mapping):
        yield from _unsupported_members(operation, value, support, path)


def _unsupported_members(
    operation: str, value: Mapping[str, Any], support: Mapping[str, Any], path: str
) -> Iterator[AwsError]:
    supported = {name.rstrip(_NEEDED): inner for name, inner in support.items()}
    for name, item in value.items():
        inner = f"{path}.{name}" if path else name
        if name in supported:
            yield from _unsupported(operation, item, supported[name], inner)
        elif item is not None:
            where = f" of '{path}'" if path else ""
            message = (
                f"The local SageMaker server does not support the member '{inner}' in "
                f"{operation}. Supported members{where}: {', '.join(sorted(supported))}"
            )
            yield validation(message)
    for name in support:
        if name.endswith(_NEEDED) and value.get(name.rstrip(_NEEDED)) is None:
            inner = f"{path}.{name}" if path else name
            message = (
                f"1 validation error detected: Value null at '{inner.rstrip(_NEEDED)}' "
                "failed to satisfy constraint: Member must not be null"
            )
            yield validation(message)
