"""One S3 request, whatever style of address it came in."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from slipway.sagemaker_local.s3.body import Body
from slipway.sagemaker_local.s3.checksums import HEADER
from slipway.sagemaker_local.s3.faults import Code, S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.s3.uploads import Uploads

#: `bucket.localhost` and `bucket.s3.eu-west-1.amazonaws.com`; an address of digits,
#: `localhost` itself and AWS's own host are path style.
_VIRTUAL_HOST = re.compile(
    r"(?P<bucket>.+?)\.(?:s3[.-][a-z0-9.-]*amazonaws\.com|(?:s3\.)?localhost)"
)
LARGEST_DOCUMENT = 4 * 1024 * 1024


@dataclass(frozen=True)
class S3Request:
    """What a caller asks of S3."""

    method: str
    #: Empty for the service itself.
    bucket: str
    #: Empty for a bucket.
    key: str
    query: Mapping[str, str]
    headers: Headers
    #: The region that the caller signed for.
    region: str
    raw: Request

    def body(self, default: str | None = None) -> Body:
        """Return the upload, to be read once; `default` is its checksum if it has none."""
        return Body(self.raw.stream, dict(self.headers), default)

    def document(self, *, checked: bool = True) -> bytes:
        """Return the body of a request that carries XML.

        `checked` is False where the checksums are not the body's but the object's.
        """
        headers = {
            name: value
            for name, value in self.headers.items()
            if checked or not name.lower().startswith(HEADER)
        }
        text = b""
        for piece in Body(self.raw.stream, headers).pieces():
            text += piece
            if len(text) > LARGEST_DOCUMENT:
                raise S3Error(Code.MALFORMED_XML)
        return text

    def number(self, name: str, default: int) -> int:
        """Return a number of the query; anything else is InvalidArgument."""
        text = self.query.get(name, str(default))
        if not re.fullmatch("[0-9]{1,10}", text):
            reason = f"Provided {name} not an integer or within integer range"
            raise S3Error(
                Code.INVALID_ARGUMENT,
                reason=reason,
                ArgumentName=name,
                ArgumentValue=text,
            )
        return int(text)


@dataclass(frozen=True)
class Stores:
    """What the operations of S3 work on."""

    objects: ObjectStore
    uploads: Uploads


Operation = Callable[[Stores, S3Request], Response]


def parse(raw: Request, region: str) -> S3Request:
    """Read bucket and key from path or host."""
    try:
        path = raw.environ["PATH_INFO"].encode("latin-1").decode()
    except UnicodeError as error:
        raise S3Error(Code.INVALID_URI) from error
    host = raw.host.rpartition(":")[0] if ":" in raw.host else raw.host
    virtual = _VIRTUAL_HOST.fullmatch(host)
    if virtual:
        bucket, key = virtual["bucket"], path.removeprefix("/")
    else:
        bucket, _, key = path.removeprefix("/").partition("/")
    return S3Request(
        method=raw.method,
        bucket=bucket,
        key=key,
        query=raw.args.to_dict(),
        headers=Headers(raw.headers),
        region=region,
        raw=raw,
    )
