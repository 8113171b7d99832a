"""The members of requests about models."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.lists import STATIC

MODEL_DATA_SOURCE: Mapping[str, Any] = {
    "S3DataSource!": {"S3Uri": None, "S3DataType": None, "CompressionType": None}
}
_CONTAINER: Mapping[str, Any] = {
    "ContainerHostname": None,
    "Image": None,
    "ModelDataUrl": None,
    "ModelDataSource": MODEL_DATA_SOURCE,
    "ModelPackageName": None,
    "InferenceSpecificationName": None,
    "Environment": None,
    "Mode": ("SingleModel",),
}

MODELS: Mapping[str, Mapping[str, Any]] = {
    "CreateModel": {
        "ModelName": None,
        "PrimaryContainer": _CONTAINER,
        "Containers": _CONTAINER,
        "ExecutionRoleArn": None,
        "EnableNetworkIsolation": None,
        "Tags": None,
    },
    "DeleteModel": {"ModelName": None},
    "DescribeModel": {"ModelName": None},
    "ListModels": STATIC,
}
