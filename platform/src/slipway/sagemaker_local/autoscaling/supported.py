"""The members and values of requests that the local Application Auto Scaling takes."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.autoscaling.resources import DIMENSION, NAMESPACE

SERVICE = "application-autoscaling"
PREDEFINED = "SageMakerVariantInvocationsPerInstance"
TARGET_TRACKING = "TargetTrackingScaling"
_VARIANT: Mapping[str, Any] = {
    "ServiceNamespace": (NAMESPACE,),
    "ResourceId": None,
    "ScalableDimension": (DIMENSION,),
}
_PAGE: Mapping[str, Any] = {"MaxResults": None, "NextToken": None}

#: Written as the table of SageMaker's own operations is.
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "DeleteScalingPolicy": {"PolicyName": None, **_VARIANT},
    "DeregisterScalableTarget": _VARIANT,
    "DescribeScalableTargets": {
        "ServiceNamespace": (NAMESPACE,),
        "ResourceIds": None,
        "ScalableDimension": (DIMENSION,),
        **_PAGE,
    },
    "DescribeScalingActivities": {
        **_VARIANT,
        **_PAGE,
        "IncludeNotScaledActivities": (False,),
    },
    "DescribeScalingPolicies": {"PolicyNames": None, **_VARIANT, **_PAGE},
    "ListTagsForResource": {"ResourceARN": None},
    "PutScalingPolicy": {
        "PolicyName": None,
        **_VARIANT,
        "PolicyType": (TARGET_TRACKING,),
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": None,
            "PredefinedMetricSpecification": {"PredefinedMetricType": (PREDEFINED,)},
            "CustomizedMetricSpecification": {
                "MetricName!": None,
                "Namespace!": None,
                "Dimensions": None,
                "Statistic!": None,
                "Unit": None,
            },
            "ScaleOutCooldown": None,
            "ScaleInCooldown": None,
            "DisableScaleIn": None,
        },
    },
    "RegisterScalableTarget": {
        **_VARIANT,
        "MinCapacity": None,
        "MaxCapacity": None,
        "RoleARN": None,
        "SuspendedState": None,
        "Tags": None,
    },
    "TagResource": {"ResourceARN": None, "Tags": None},
    "UntagResource": {"ResourceARN": None, "TagKeys": None},
}
