"""The members of requests about jobs."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.lists import CHANGING

#: Of one instance, each shard is everything.
_S3_SOURCE: Mapping[str, Any] = {
    "S3DataType": ("S3Prefix", "ManifestFile"),
    "S3Uri": None,
    "S3DataDistributionType": ("FullyReplicated", "ShardedByS3Key"),
}
_INPUT_MODES = ("File", "FastFile")
#: Nothing is encrypted with a key.
_NO_KEY = ("",)
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
                    "S3UploadMode": None,
                },
            },
            "KmsKeyId": _NO_KEY,
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
            "TrainingInputMode": _INPUT_MODES,
            "ContainerEntrypoint": None,
            "ContainerArguments": None,
            "MetricDefinitions": None,
            "EnableSageMakerMetricsTimeSeries": (False,),
        },
        "CheckpointConfig": {"S3Uri": None, "LocalPath": None},
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
            "InputMode": _INPUT_MODES,
        },
        "OutputDataConfig": {
            "S3OutputPath": None,
            "CompressionType": None,
            "KmsKeyId": _NO_KEY,
        },
        "ProfilerConfig": {"DisableProfiler": (True,)},
        "RemoteDebugConfig": {"EnableRemoteDebug": (False,)},
        "ResourceConfig!": {
            "InstanceCount!": (1,),
            "InstanceType!": None,
            "VolumeSizeInGB": None,
            "KeepAlivePeriodInSeconds": (0,),
        },
        "RetryStrategy": {"MaximumRetryAttempts": None},
        "RoleArn": None,
        "StoppingCondition": {"MaxRuntimeInSeconds": None},
        "Tags": None,
    },
    "CreateTransformJob": {
        "TransformJobName": None,
        "ModelName": None,
        "MaxConcurrentTransforms": None,
        "ModelClientConfig": None,
        "MaxPayloadInMB": None,
        "BatchStrategy": None,
        "Environment": None,
        "TransformInput": {
            "DataSource": {
                "S3DataSource": {
                    "S3DataType": ("S3Prefix", "ManifestFile"),
                    "S3Uri": None,
                }
            },
            "ContentType": None,
            "CompressionType": None,
            "SplitType": None,
        },
        "TransformOutput": {
            "S3OutputPath": None,
            "Accept": None,
            "AssembleWith": None,
            "KmsKeyId": _NO_KEY,
        },
        "TransformResources": {
            "InstanceType": None,
            "InstanceCount": (1,),
            "VolumeKmsKeyId": _NO_KEY,
        },
        "DataProcessing": None,
        "Tags": None,
    },
    "DeleteProcessingJob": {"ProcessingJobName": None},
    "DeleteTrainingJob": {"TrainingJobName": None},
    "DescribeProcessingJob": {"ProcessingJobName": None},
    "DescribeTrainingJob": {"TrainingJobName": None},
    "DescribeTransformJob": {"TransformJobName": None},
    "ListProcessingJobs": CHANGING,
    "ListTrainingJobs": CHANGING,
    "ListTransformJobs": CHANGING,
    "StopProcessingJob": {"ProcessingJobName": None},
    "StopTrainingJob": {"TrainingJobName": None},
    "StopTransformJob": {"TransformJobName": None},
}
