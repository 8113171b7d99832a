"""A request as both sides of a signature write it down: AWS's version 4.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""

import hashlib
import hmac
from collections.abc import Iterable
from posixpath import normpath
from urllib.parse import quote, unquote_to_bytes

from werkzeug.wrappers import Request

ALGORITHM = "AWS4-HMAC-SHA256"
_UNRESERVED = "-_.~"
_SIGNATURE = "X-Amz-Signature"


def canonical_request(
    request: Request, service: str, signed: Iterable[str], payload: str
) -> str:
    """Return the text of a request that its signer signed."""
    path, _, query = request.environ["REQUEST_URI"].partition("?")
    headers = [f"{name}:{_header(request, name)}\n" for name in signed]
    return "\n".join(
        (
            request.method,
            _path(path, service),
            _query(query),
            "".join(headers),
            ";".join(signed),
            payload,
        )
    )


def signature(secret: str, *, moment: str, scope: str, canonical: str) -> str:
    """Return the signature of a canonical request."""
    hashed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{moment}\n{scope}\n{hashed}"
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


def _path(raw: str, service: str) -> str:
    once = quote(unquote_to_bytes(raw or "/"), safe=f"/{_UNRESERVED}")
    if service == "s3":
        return once
    end = "/" if once.endswith("/") and once != "/" else ""
    plain = normpath(once).replace("//", "/")
    return quote(plain + end, safe=f"/{_UNRESERVED}")


def _query(raw: str) -> str:
    pairs = (part.partition("=") for part in raw.split("&") if part)
    encoded = sorted(
        (_encoded(name), _encoded(value))
        for name, _, value in pairs
        if name != _SIGNATURE
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe=_UNRESERVED)


def _header(request: Request, name: str) -> str:
    values = request.headers.getlist(name)
    return ",".join(" ".join(value.split()) for value in values)
