"""Which service a request is for, by the scope that its caller signed."""

import re
from dataclasses import dataclass

from werkzeug.wrappers import Request

from slipway.sagemaker_local.identity import DEFAULT_REGION

_SCOPE = re.compile(
    r"[^/]+/\d{8}/(?P<region>[a-z0-9-]{1,32})/(?P<service>[a-z0-9-]{1,64})/aws4_request"
)
_CREDENTIAL = re.compile(r"Credential=([^,\s]+)")
#: Presigned with signature version 2, which S3 alone still has.
_VERSION_2 = ("AWSAccessKeyId", "Signature")
#: Both SageMakers sign alike: the path tells the runtime's requests.
RUNTIME_PATH = "/endpoints/"


@dataclass(frozen=True)
class Scope:
    """Service and region of a request."""

    service: str
    region: str


def scope_of(request: Request) -> Scope | None:
    """Return what a request is for; None for one that is not signed."""
    header = _CREDENTIAL.search(request.environ.get("HTTP_AUTHORIZATION", ""))
    credential = header[1] if header else request.args.get("X-Amz-Credential", "")
    match = _SCOPE.fullmatch(credential)
    if match:
        return Scope(match["service"], match["region"])
    if all(name in request.args for name in _VERSION_2):
        return Scope("s3", DEFAULT_REGION)
    return None
