"""An endpoint config's DataCaptureConfig: checked, and as an endpoint shows it."""

from collections.abc import Mapping
from typing import Any

from slipway.errors import InvalidRequestError
from slipway.s3.uri import S3Uri
from slipway.sagemaker_local import faults


def checked(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return a DataCaptureConfig with its default; one that is of no use is refused."""
    try:
        destination(config)
    except InvalidRequestError as error:
        message = (
            "The local SageMaker server captures to s3://bucket/prefix only: "
            f"DataCaptureConfig.DestinationS3Uri is '{config['DestinationS3Uri']}'"
        )
        raise faults.validation(message) from error
    return {"EnableCapture": True, **config}


def destination(config: Mapping[str, Any]) -> S3Uri:
    """Return the prefix that captured records go below; it may be a whole bucket."""
    return S3Uri.parse(f"{config['DestinationS3Uri'].rstrip('/')}/")


def shown(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the DataCaptureConfigSummary of an endpoint that serves a config."""
    enabled = config["EnableCapture"]
    return {
        "EnableCapture": enabled,
        "CaptureStatus": "Started" if enabled else "Stopped",
        "CurrentSamplingPercentage": config["InitialSamplingPercentage"],
        "DestinationS3Uri": config["DestinationS3Uri"],
        # A required member of the answer; no key is taken here.
        "KmsKeyId": "",
    }
