"""An error in the form of the service that is asked."""

import uuid
from xml.sax.saxutils import escape

import cbor2
import orjson
from werkzeug.wrappers import Request, Response

from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.protocol import refusal
from slipway.sagemaker_local.s3.documents import answer, element

#: Services that speak AWS's query protocol.
QUERY = frozenset(("ec2", "iam", "sns", "sts"))
#: Services that are asked by path and answer in XML.
REST_XML = frozenset(("cloudfront", "route53", "s3"))
_CBOR = "rpc-v2-cbor"


def refused(service: str, error: AwsError) -> Response:
    """Return an error as a service's clients read it."""
    request_id = str(uuid.uuid4())
    if service == "s3":
        fields = [
            element("Code", error.code),
            element("Message", str(error)),
            element("RequestId", request_id),
        ]
        response = answer(element("Error", fields), error.status)
        response.headers["x-amz-request-id"] = request_id
        return response
    if service == "sagemaker-runtime":
        headers = {"x-amzn-ErrorType": error.code, "x-amzn-RequestId": request_id}
        body = orjson.dumps({"Message": str(error)})
        return Response(body, error.status, headers, content_type="application/json")
    if service in QUERY:
        return query_refusal(error)
    return refusal(error)


def as_asked(request: Request, service: str, error: AwsError) -> Response:
    """Return an error in the protocol that a request is in."""
    if request.headers.get("smithy-protocol") == _CBOR:
        content = {"__type": error.code, "message": str(error)}
        headers = {"smithy-protocol": _CBOR, "x-amzn-RequestId": str(uuid.uuid4())}
        body = cbor2.dumps(content)
        return Response(body, error.status, headers, content_type="application/cbor")
    if service in REST_XML or "Action" in request.values:
        return query_refusal(error)
    return refusal(error)


def query_refusal(error: AwsError) -> Response:
    """Return an error in the XML of AWS's query protocol."""
    text = (
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{escape(error.code)}</Code>"
        f"<Message>{escape(str(error))}</Message></Error>"
        f"<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
    )
    return Response(text, error.status, content_type="text/xml")
