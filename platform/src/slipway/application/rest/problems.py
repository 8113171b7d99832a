"""Errors as problem+json: one table from class to status."""

import orjson
from flask import Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from slipway import errors
from slipway.application.faults import faults_of
from slipway.s3.faults import PASSING, AwsError, Fault

MEDIA_TYPE = "application/problem+json"

#: The status of each class of error; of a class that is not here, its parent's.
STATUSES: dict[type[errors.SlipwayError], int] = {
    errors.SlipwayError: 422,
    errors.InvalidRequestError: 400,
    errors.NotFoundError: 404,
    errors.IllegalTransitionError: 409,
    errors.UnauthorizedError: 401,
    errors.ForbiddenError: 403,
    errors.ConflictError: 409,
    errors.StuckError: 409,
    errors.UnavailableError: 503,
}
#: The status of what AWS said.
FAULTS: dict[Fault, int] = {
    Fault.RETRYABLE: 503,
    Fault.AMBIGUOUS: 503,
    Fault.QUOTA: 429,
    Fault.AUTH: 502,
    Fault.EXISTS: 409,
    Fault.MISSING: 404,
    Fault.BUSY: 409,
    Fault.BAD_REQUEST: 422,
}
#: The word of each refusal that HTTP itself makes.
_HTTP_CODES = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}
#: What is said of them.
_HTTP_DETAILS = {
    404: "There is nothing at {path!r}",
    405: "{path!r} does not take {method}, but {allowed}",
    413: "The body is larger than any request to this controller",
}
_SERVER_ERROR = 500


def problem(
    status: int, code: str, detail: str, *, retryable: bool = False
) -> Response:
    """Return an error as problem+json; its detail is one line."""
    lines = [line.strip() for line in detail.splitlines()]
    body = {
        "type": f"urn:slipway:problem:{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": "; ".join(line for line in lines if line),
        "code": code,
        "retryable": retryable,
    }
    answer = Response(orjson.dumps(body), status, content_type=MEDIA_TYPE)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="slipway"'
    return answer


def of_slipway(error: errors.SlipwayError) -> Response:
    """Return what a named error is to a caller."""
    if isinstance(error, AwsError):
        retryable = error.fault in PASSING
        return problem(FAULTS[error.fault], error.code, str(error), retryable=retryable)
    status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
    retryable = isinstance(error, errors.UnavailableError)
    return problem(status, error.code, str(error), retryable=retryable)


def of_http(error: HTTPException) -> Response:
    """Return what HTTP refuses by itself."""
    status = error.code or _SERVER_ERROR
    code = _HTTP_CODES.get(status, "invalid_request")
    methods = dict(error.get_headers()).get("Allow", "")
    allowed = ", ".join(sorted(methods.split(", ")))
    facts = {"path": request.path, "method": request.method, "allowed": allowed}
    ours = _HTTP_DETAILS.get(status)
    said = ours.format_map(facts) if ours else error.description or error.name
    detail = f"{said.rstrip('.')}. See: GET /openapi.json"
    answer = problem(status, code, detail)
    if allowed:
        answer.headers["Allow"] = allowed
    return answer


def of_validation(error: ValidationError) -> Response:
    """Return what a request says wrong: where, and what was expected."""
    detail = f"{faults_of(error)}. See: GET /openapi.json"
    return problem(400, "invalid_request", detail)
