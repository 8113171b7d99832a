"""One call that the server sees, by its names."""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request

from slipway.errors import InvalidRequestError
from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.protocol import parsed_body
from slipway.sagemaker_local.routing import RUNTIME_PATH, Scope
from slipway.sagemaker_local.s3.app import asked_operation

RUNTIME = "sagemaker-runtime"
#: Operations that change nothing begin so.
_READS = ("Describe", "Filter", "Get", "Head", "Invoke", "List", "Search", "Test")
#: Services that are signed for by another name than their clients have in boto3.
_CLIENTS = {"monitoring": "cloudwatch"}
_RPC_PATH = re.compile(r"/service/[^/]+/operation/(\w+)")


@dataclass(frozen=True)
class Call:
    """What is asked, of which service, about which resource."""

    #: As boto3 names its client.
    service: str
    #: AWS's name; empty where it cannot be told.
    operation: str
    #: Of the resource; empty where there is none.
    name: str = ""
    region: str = ""
    #: Of an endpoint, where the call is about one.
    variant: str = ""
    #: Of a JSON request.
    members: Mapping[str, Any] = field(default_factory=dict)
    #: The client's own mark of one attempt: the same one for all of its retries.
    invocation: str = ""

    @property
    def changes(self) -> bool:
        """Say whether the operation may change something."""
        return not self.operation.startswith(_READS)


def call_of(request: Request, scope: Scope) -> Call:
    """Return what a request asks; its body stays to be read."""
    invocation = request.headers.get("amz-sdk-invocation-id", "")
    if scope.service == "s3":
        operation, name = asked_operation(request, scope.region)
        return Call("s3", operation, name, scope.region, invocation=invocation)
    if scope.service == "sagemaker" and request.path.startswith(RUNTIME_PATH):
        name = request.path.removeprefix(RUNTIME_PATH).partition("/")[0]
        variant = request.headers.get("X-Amzn-SageMaker-Target-Variant", "")
        return Call(
            RUNTIME,
            "InvokeEndpoint",
            name,
            scope.region,
            variant=variant,
            invocation=invocation,
        )
    operation = _operation(request)
    members = _members(request)
    name = _name(scope.service, operation, members)
    return Call(
        _CLIENTS.get(scope.service, scope.service),
        operation,
        name,
        scope.region,
        members=members,
        invocation=invocation,
    )


def _operation(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    path = _RPC_PATH.fullmatch(request.path)
    return target or (path[1] if path else request.args.get("Action", ""))


def _members(request: Request) -> Mapping[str, Any]:
    if "X-Amz-Target" not in request.headers:
        return {}
    try:
        members = parsed_body(request)
    except AwsError:
        return {}
    request.environ["wsgi.input"] = io.BytesIO(request.get_data())
    return members


def _name(service: str, operation: str, members: Mapping[str, Any]) -> str:
    """Return the first required member that is a text: what AWS names things by."""
    try:
        shape = input_shape(service, operation) if service == "sagemaker" else None
    except InvalidRequestError:
        return ""
    order = [*shape.required_members, *members] if shape is not None else members
    texts = (members.get(each) for each in order)
    return next((each for each in texts if isinstance(each, str)), "")
