"""What a failed call to SageMaker means, and its messages."""

import orjson
from botocore.exceptions import BotoCoreError, ClientError

from slipway.s3.faults import AwsError, Fault, answered, unanswered
from slipway.sagemaker.resources import Resource

__all__ = ["Fault", "SageMakerError", "translate"]


class SageMakerError(AwsError):
    """SageMaker refused a call, or could not be reached."""

    code = "sagemaker"


_BUSY = ("Cannot update in-progress", "The request was rejected because")


def translate(
    error: ClientError | BotoCoreError,
    operation: str,
    resource: Resource | None,
    service: str = "SageMaker",
) -> SageMakerError:
    """Return what `error` of an operation of `service` means to a caller."""
    if isinstance(error, ClientError):
        return _refused(error, operation, resource)
    fault, words = unanswered(error, service)
    return SageMakerError(f"{operation}: {words}", fault=fault)


def _refused(
    error: ClientError, operation: str, resource: Resource | None
) -> SageMakerError:
    answer, metadata = error.response["Error"], error.response["ResponseMetadata"]
    code, text = answer.get("Code", ""), answer.get("Message", "")
    if code == "ModelError":
        text = _container_words(error.response.get("OriginalMessage")) or text
    fault = _by_message(code, text, resource) or answered(error)
    return SageMakerError(
        f"{operation}: {code}: {text}",
        fault=fault or Fault.BAD_REQUEST,
        request_id=metadata.get("RequestId", ""),
    )


def _container_words(answer: str | None) -> str:
    """Return what a container said, out of its JSON if it is Slipway's."""
    try:
        said: str = orjson.loads(answer or "")["error"]["message"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return answer or ""
    return said


def _by_message(code: str, text: str, resource: Resource | None) -> Fault | None:
    if resource is not None:
        for (known, prefix), fault in (
            (resource.missing, Fault.MISSING),
            (resource.existing, Fault.EXISTS),
        ):
            if code == known and text.startswith(prefix):
                return fault
    return Fault.BUSY if text.startswith(_BUSY) else None
