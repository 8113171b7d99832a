"""The S3 addresses of a job's request."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.identity import Kind
from slipway.sagemaker_local.jobs.downloads import address
from slipway.sagemaker_local.jobs.kinds import JobKind
from slipway.sagemaker_local.jobs.plan import JobFaultError

#: The members that hold one, by kind of job.
_MEMBERS: Mapping[Kind, Sequence[str]] = {
    "training-job": (
        "InputDataConfig.DataSource.S3DataSource.S3Uri",
        "OutputDataConfig.S3OutputPath",
        "CheckpointConfig.S3Uri",
    ),
    "processing-job": (
        "ProcessingInputs.S3Input.S3Uri",
        "ProcessingOutputConfig.Outputs.S3Output.S3Uri",
    ),
    "transform-job": (
        "TransformInput.DataSource.S3DataSource.S3Uri",
        "TransformOutput.S3OutputPath",
    ),
}


def check_addresses(kind: JobKind, request: Mapping[str, Any]) -> None:
    """Refuse a request with an address that nothing could be read from or written to."""
    for member in _MEMBERS[kind.kind]:
        for uri in _values(request, member.split(".")):
            try:
                address(uri)
            except JobFaultError as error:
                raise faults.no_s3_address(member, uri) from error


def _values(value: Any, path: Sequence[str]) -> Iterator[str]:
    """Yield what is at a path, in every item of the lists on the way."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        yield value
    elif path[0] in value:
        yield from _values(value[path[0]], path[1:])
