"""The only call to Application Auto Scaling: whether a variant's instances are counted."""

from functools import cached_property
from typing import Any, NamedTuple

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from slipway.s3.client import aws_client
from slipway.sagemaker.errors import translate
from slipway.settings import Settings

_PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5
)


class Bounds(NamedTuple):
    """How few and how many instances autoscaling may give a variant."""

    least: int
    most: int


class Scaling:
    """Application Auto Scaling in one environment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def bounds(self, endpoint: str, variant: str) -> Bounds | None:
        """Return within which bounds a variant is scaled; None: it is not."""
        operation = "DescribeScalableTargets"
        try:
            answer = self._client.describe_scalable_targets(
                ServiceNamespace="sagemaker",
                ResourceIds=[f"endpoint/{endpoint}/variant/{variant}"],
                ScalableDimension="sagemaker:variant:DesiredInstanceCount",
            )
        except (ClientError, BotoCoreError) as error:
            raise translate(error, operation, None, "Auto Scaling") from error
        for found in answer["ScalableTargets"]:
            return Bounds(found["MinCapacity"], found["MaxCapacity"])
        return None

    @cached_property
    def _client(self) -> Any:  # boto3 makes it at run time
        return aws_client("application-autoscaling", self._settings, _PATIENT)
