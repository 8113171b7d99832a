"""The check of a signature: AWS's version 4, in the header or in the query."""

import datetime as dt
import hashlib
import hmac
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.wrappers import Request

from slipway.sagemaker_local.access.canonical import (
    ALGORITHM,
    canonical_request,
    signature,
)
from slipway.sagemaker_local.access.credentials import KeyPair
from slipway.sagemaker_local.access.refusals import Cause, denied

_HEADER = re.compile(
    rf"{ALGORITHM}\s+Credential=(?P<credential>[^,\s]+),\s*"
    r"SignedHeaders=(?P<signed>[^,\s]+),\s*Signature=(?P<signature>[0-9a-f]+)"
)
_MOMENT = "%Y%m%dT%H%M%SZ"
_HASH, UNSIGNED = "X-Amz-Content-SHA256", "UNSIGNED-PAYLOAD"
_STREAMED_UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
#: How far a signer's clock may be off; S3 grants more than others.
_SKEW = {"s3": dt.timedelta(minutes=15)}
_USUAL_SKEW = dt.timedelta(minutes=5)
_LONGEST_EXPIRY = 7 * 24 * 3600
#: More than any operation but S3's takes: a body is read whole to be hashed.
_LARGEST_BODY = 8 * 1024 * 1024


@dataclass(frozen=True)
class Signed:
    """What a request says of its signature."""

    key: str
    #: `date/region/service/aws4_request`.
    scope: str
    moment: str
    headers: Sequence[str]
    signature: str
    #: Seconds, of a presigned request.
    expires: int | None = None


class Verifier:
    """Knows the key pairs, and refuses what none of them signed."""

    def __init__(self, pairs: Sequence[KeyPair]) -> None:
        self._secrets: Mapping[str, str] = {each.id: each.secret for each in pairs}

    def check(self, request: Request, service: str) -> None:
        """Raise the service's AwsError unless one of the keys signed the request."""
        signed = _signed(request, service)
        secret = self._secrets.get(signed.key)
        if secret is None:
            raise denied(service, Cause.UNKNOWN_KEY)
        _check_moment(signed, service)
        _check_headers(request, signed, service)
        payload = _payload(request, service)
        canonical = canonical_request(request, service, signed.headers, payload)
        made = signature(
            secret, moment=signed.moment, scope=signed.scope, canonical=canonical
        )
        if not hmac.compare_digest(made, signed.signature):
            raise denied(service, Cause.MISMATCH)


def _signed(request: Request, service: str) -> Signed:
    if "X-Amz-Signature" in request.args:
        return _presigned(request, service)
    match = _HEADER.fullmatch(request.headers.get("Authorization", "").strip())
    moment = request.headers.get("X-Amz-Date", "")
    if match is None:
        if "Signature" in request.args:
            raise denied(service, Cause.UNSUPPORTED, "signature version 2")
        raise denied(service, Cause.INCOMPLETE, "Authorization is not complete.")
    if not moment:
        raise denied(service, Cause.INCOMPLETE, "'X-Amz-Date' is missing.")
    key, _, scope = match["credential"].partition("/")
    headers = match["signed"].lower().split(";")
    return Signed(key, scope, moment, headers, match["signature"])


def _presigned(request: Request, service: str) -> Signed:
    names = ("Credential", "Date", "SignedHeaders", "Signature", "Expires")
    found = {name: request.args.get(f"X-Amz-{name}", "") for name in names}
    if request.args.get("X-Amz-Algorithm") != ALGORITHM or not all(found.values()):
        raise denied(service, Cause.INCOMPLETE, "The query's X-Amz-… are not complete.")
    expires = found["Expires"]
    if not re.fullmatch("[0-9]{1,6}", expires) or int(expires) > _LONGEST_EXPIRY:
        raise denied(service, Cause.INCOMPLETE, "X-Amz-Expires is at most a week.")
    key, _, scope = found["Credential"].partition("/")
    headers = found["SignedHeaders"].lower().split(";")
    return Signed(
        key, scope, found["Date"], headers, found["Signature"], expires=int(expires)
    )


def _check_moment(signed: Signed, service: str) -> None:
    try:
        moment = dt.datetime.strptime(signed.moment, _MOMENT).replace(tzinfo=dt.UTC)
    except ValueError as error:
        detail = f"the date {signed.moment!r} is not like 20260101T000000Z."
        raise denied(service, Cause.INCOMPLETE, detail) from error
    if signed.scope.partition("/")[0] != f"{moment:%Y%m%d}":
        raise denied(service, Cause.INCOMPLETE, "Scope and date differ.")
    now, skew = dt.datetime.now(dt.UTC), _SKEW.get(service, _USUAL_SKEW)
    if signed.expires is not None:
        if now > moment + dt.timedelta(seconds=signed.expires):
            raise denied(service, Cause.EXPIRED)
        early = moment > now + skew
    else:
        early = abs(now - moment) > skew
    if early:
        raise denied(service, Cause.SKEWED, signed.moment)


def _check_headers(request: Request, signed: Signed, service: str) -> None:
    present = [name.lower() for name in request.headers.keys()]  # noqa: SIM118  # pairs
    needed = ["host", *(name for name in present if name.startswith("x-amz-"))]
    for name in needed:
        if name not in signed.headers:
            raise denied(service, Cause.UNSIGNED_HEADER, name)


def _payload(request: Request, service: str) -> str:
    """Return the hash that was signed; of S3's bodies, S3 checks it as they stream."""
    announced = request.headers.get(_HASH, "")
    if service == "s3":
        if announced.startswith("STREAMING-") and announced != _STREAMED_UNSIGNED:
            raise denied(service, Cause.UNSUPPORTED, announced)
        return announced or UNSIGNED
    if (request.content_length or 0) > _LARGEST_BODY:
        raise denied(service, Cause.TOO_LARGE, str(_LARGEST_BODY))
    body = request.get_data()
    request.environ["wsgi.input"] = io.BytesIO(body)
    hashed = hashlib.sha256(body).hexdigest()
    if announced not in ("", UNSIGNED, hashed):
        raise denied(service, Cause.PAYLOAD)
    return announced or hashed
