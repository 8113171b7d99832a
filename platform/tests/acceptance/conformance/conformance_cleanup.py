"""Everything that a run created, deleted again: found in the answers themselves."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

#: What ends and deletes each kind of resource, by the kind in its ARN.
_ENDS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "endpoint": (("delete_endpoint", "EndpointName"),),
    "endpoint-config": (("delete_endpoint_config", "EndpointConfigName"),),
    "model": (("delete_model", "ModelName"),),
    "model-package": (("delete_model_package", "ModelPackageName"),),
    "model-package-group": (("delete_model_package_group", "ModelPackageGroupName"),),
    "processing-job": (
        ("stop_processing_job", "ProcessingJobName"),
        ("delete_processing_job", "ProcessingJobName"),
    ),
    "training-job": (
        ("stop_training_job", "TrainingJobName"),
        ("delete_training_job", "TrainingJobName"),
    ),
    "transform-job": (("stop_transform_job", "TransformJobName"),),
}
#: Packages before their groups, endpoints before what they use.
_ORDER = ("endpoint", "model-package", "endpoint-config", "model")
_GONE = ("Could not find", "Requested resource not found", "does not exist")


class Created:
    """The resources of a run, by ARN, in the order of their creation."""

    def __init__(self) -> None:
        self._arns: list[str] = []

    def note(self, parsed: Mapping[str, Any], **_: object) -> None:
        """Remember what a create call answered: a hook of botocore's."""
        self._arns += [
            value
            for name, value in parsed.items()
            if name.endswith("Arn") and isinstance(value, str)
        ]

    def delete(
        self, sagemaker: Any, until: Callable[[Callable[[], object]], object]
    ) -> None:
        """Delete all of it; what is gone already is no error."""
        for arn in sorted(set(self._arns), key=_rank):
            kind, _, name = arn.rpartition(":")[2].partition("/")
            named = arn if kind == "model-package" else name
            for operation, member in _ENDS.get(kind, ()):
                call = getattr(sagemaker, operation)
                until(partial(_done, call, **{member: named}))


def _rank(arn: str) -> int:
    kind = arn.rpartition(":")[2].partition("/")[0]
    return _ORDER.index(kind) if kind in _ORDER else len(_ORDER)


def _done(call: Callable[..., object], **request: str) -> bool:
    """Return whether a resource is ended; one that is in transition is asked again."""
    try:
        call(**request)
    except ClientError as error:
        message = error.response["Error"]["Message"]
        if any(text in message for text in _GONE):
            return True
        return "is in status" in message and call.__name__.startswith("stop")
    return True
