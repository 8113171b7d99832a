"""Who the local AWS is: its account, its regions and its resource names."""

from typing import Literal

#: AWS's placeholder for an account.
ACCOUNT = "000000000000"
#: Where a request belongs that does not say so.
DEFAULT_REGION = "eu-west-1"
#: What callers and jobs sign with; nothing is checked.
ACCESS_KEY = "slipway-local"
SECRET_KEY = "slipway-local"  # noqa: S105  # a placeholder, not a secret

Kind = Literal[
    "client-token",
    "endpoint",
    "endpoint-config",
    "model",
    "model-package",
    "model-package-group",
    "processing-job",
    "scalable-target",
    "scaling-activity",
    "scaling-policy",
    "training-job",
    "transform-job",
]


def arn(region: str, kind: Kind, name: str) -> str:
    """Return the ARN of a SageMaker resource; names differ by more than their case."""
    return f"arn:aws:sagemaker:{region}:{ACCOUNT}:{kind}/{name.lower()}"
