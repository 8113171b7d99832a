"""Questions to a live endpoint, and what its answers must say."""

from dataclasses import dataclass
from typing import Any

from slipway.controller.bodies import parse_object
from slipway.controller.context import Context
from slipway.controller.orm import ModelVersion
from slipway.errors import StepFailedError
from slipway.names import dashed
from slipway.s3.uri import S3Uri

JSON = "application/json"


@dataclass(frozen=True)
class Prediction:
    """An endpoint's answer in JSON, and who gave it."""

    endpoint_name: str
    variant: str
    #: predictions, inputs, model, transaction_id: as the container wrote them.
    body: dict[str, Any]


def endpoint_name(context: Context) -> str:
    """Return the name of the model's one endpoint in its environment."""
    return dashed(f"{context.settings.environment.name}-{context.spec.name}")


def predict(
    context: Context, request: bytes, inference_id: str | None = None
) -> Prediction:
    """Send `request`, JSON, to the model's endpoint and return its answer."""
    name = endpoint_name(context)
    answer = context.gateway.invoke(
        name, request, content_type=JSON, accept=JSON, inference_id=inference_id
    )
    what = f"The answer of the endpoint {name!r}"
    body = parse_object(answer.body, what, StepFailedError)
    return Prediction(name, answer.variant, body)


def smoke_test(context: Context, version: ModelVersion) -> Prediction:
    """Ask the endpoint once; raise StepFailedError unless `version` answers."""
    uri = S3Uri.parse(version.artifact_uri)
    folder = S3Uri(uri.bucket, uri.key.rpartition("/")[0])
    request = context.objects.read(folder / "smoke_request.json")
    prediction = predict(context, request)
    answered = prediction.body.get("model") or {}
    expected = {
        "version": str(version.version),
        "artifact_digest": version.artifact_digest,
    }
    for member, value in expected.items():
        if str(answered.get(member)) != value:
            message = (
                f"The endpoint {prediction.endpoint_name!r} answered with {member}"
                f" {answered.get(member)!r}, not {value!r}: version {version.version}"
                " does not serve"
            )
            raise StepFailedError(message)
    if not prediction.body.get("predictions"):
        message = f"The endpoint {prediction.endpoint_name!r} answered no predictions"
        raise StepFailedError(message)
    return prediction
