"""What a listing shows of each kind of resource."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.identity import Kind

#: Members of a description that its kind's listing repeats, or filters by; the store
#: keeps them apart, so that a listing reads no whole description.
SUMMARIES: Mapping[Kind, tuple[str, ...]] = {
    "client-token": (),
    "endpoint": ("EndpointName", "EndpointArn"),
    "endpoint-config": ("EndpointConfigName", "EndpointConfigArn"),
    "model": ("ModelName", "ModelArn"),
    "model-package": (
        "ModelPackageName",
        "ModelPackageGroupName",
        "ModelPackageVersion",
        "ModelPackageArn",
        "ModelPackageDescription",
        "ModelApprovalStatus",
        "ModelLifeCycle",
        "ModelPackageRegistrationType",
    ),
    "model-package-group": (
        "ModelPackageGroupName",
        "ModelPackageGroupArn",
        "ModelPackageGroupDescription",
    ),
    "processing-job": (
        "ProcessingJobName",
        "ProcessingJobArn",
        "ProcessingEndTime",
        "FailureReason",
        "ExitMessage",
    ),
    "scalable-target": (),
    "scaling-activity": (),
    "scaling-policy": (),
    "training-job": (
        "TrainingJobName",
        "TrainingJobArn",
        "SecondaryStatus",
        "TrainingEndTime",
    ),
    "transform-job": (
        "TransformJobName",
        "TransformJobArn",
        "TransformEndTime",
        "FailureReason",
    ),
}


def summary(kind: Kind, description: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a description that a listing shows."""
    shown = SUMMARIES[kind]
    return {name: description[name] for name in shown if name in description}
