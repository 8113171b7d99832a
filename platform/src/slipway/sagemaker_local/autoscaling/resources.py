"""What Application Auto Scaling calls things: resource ids, ARNs and alarms."""

import hashlib
import re
import uuid
from dataclasses import dataclass
from typing import Self

from slipway.sagemaker_local.faults import validation
from slipway.sagemaker_local.identity import ACCOUNT, Kind, arn

NAMESPACE = "sagemaker"
DIMENSION = "sagemaker:variant:DesiredInstanceCount"
TARGET: Kind = "scalable-target"
POLICY: Kind = "scaling-policy"
ACTIVITY: Kind = "scaling-activity"
#: The status of what has none.
NO_STATUS = ""
#: The role that AWS scales SageMaker's variants with.
SERVICE_ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/"
    "sagemaker.application-autoscaling.amazonaws.com/"
    "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint"
)
_RESOURCE = re.compile(r"endpoint/([A-Za-z0-9-]{1,63})/variant/([A-Za-z0-9-]{1,63})")
#: Ids below are made of names: the same thing has the same id again.
_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "slipway/application-autoscaling")


@dataclass(frozen=True)
class Variant:
    """A production variant as something that can be scaled."""

    region: str
    endpoint: str
    name: str

    @classmethod
    def of(cls, region: str, resource_id: str) -> Self:
        """Return the variant that a resource id names."""
        match = _RESOURCE.fullmatch(resource_id)
        if match is None:
            message = (
                "Unsupported service namespace, resource type or scalable dimension: "
                f"'{resource_id}' is not endpoint/<name>/variant/<name>"
            )
            raise validation(message)
        return cls(region, *match.groups())

    @property
    def resource_id(self) -> str:
        """The variant's name in this service."""
        return f"endpoint/{self.endpoint}/variant/{self.name}"

    @property
    def endpoint_arn(self) -> str:
        """The endpoint's ARN."""
        return arn(self.region, "endpoint", self.endpoint)

    @property
    def target_arn(self) -> str:
        """The ARN of the variant as a scalable target."""
        content = f"{self.endpoint_arn}/{self.name}"
        digest = hashlib.sha256(content.encode()).hexdigest()[:34]
        service = f"arn:aws:application-autoscaling:{self.region}:{ACCOUNT}"
        return f"{service}:scalable-target/{digest}"

    def policy_arn(self, policy: str) -> str:
        """Return the ARN of a policy by its name."""
        own = uuid.uuid5(_IDS, f"{self.target_arn}/{policy}")
        return (
            f"arn:aws:autoscaling:{self.region}:{ACCOUNT}:scalingPolicy:{own}:"
            f"resource/{NAMESPACE}/{self.resource_id}:policyName/{policy}"
        )

    def alarm(self, policy: str, side: str) -> str:
        """Return the name of a policy's alarm; `side` is High or Low."""
        own = uuid.uuid5(_IDS, f"{self.policy_arn(policy)}/{side}")
        return f"TargetTracking-{self.resource_id}-Alarm{side}-{own}"

    @property
    def described(self) -> str:
        """The variant in error messages."""
        return (
            f"service namespace: {NAMESPACE}, resource ID: {self.resource_id}, "
            f"scalable dimension: {DIMENSION}"
        )
