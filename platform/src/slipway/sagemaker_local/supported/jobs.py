"""The members of requests about jobs."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.lists import CHANGING

_S3_SOURCE: Mapping[str, Any] = {
    "S3DataType": ("S3Prefix",),
    "S3Uri": None,
    "S3DataDistributionType": ("FullyReplicated",),
}
JOBS: Mapping[str, Mapping[str, Any]] = {
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
    "DescribeProcessingJob": {"ProcessingJobName": None},
    "DescribeTrainingJob": {"TrainingJobName": None},
    "ListProcessingJobs": CHANGING,
    "ListTrainingJobs": CHANGING,
    "StopProcessingJob": {"ProcessingJobName": None},
    "StopTrainingJob": {"TrainingJobName": None},
}
