"""The members of requests about models."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.supported.lists import STATIC

_CONTAINER: Mapping[str, Any] = {
    "Image!": None,
    "ModelDataUrl": None,
    "Environment": None,
    "Mode": ("SingleModel",),
}

MODELS: Mapping[str, Mapping[str, Any]] = {
    "CreateModel": {
        "ModelName": None,
        "PrimaryContainer!": _CONTAINER,
        "ExecutionRoleArn": None,
        "EnableNetworkIsolation": None,
        "Tags": None,
    },
    "DeleteModel": {"ModelName": None},
    "DescribeModel": {"ModelName": None},
    "ListModels": STATIC,
}
