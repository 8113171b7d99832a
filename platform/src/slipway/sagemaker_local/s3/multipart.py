"""An upload in parts: what is known of it, and what its parts and its end must be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from slipway.sagemaker_local.s3.checksums import (
    COMPUTED,
    DEFAULT,
    Checksum,
    composite,
    encoded,
    new_checksum,
)
from slipway.sagemaker_local.s3.conditions import UNCONDITIONAL, Conditions
from slipway.sagemaker_local.s3.faults import Code, S3Error


@dataclass(frozen=True)
class Upload:
    """An upload that has begun."""

    id: str
    bucket: str
    key: str
    headers: Mapping[str, str]
    #: `algorithm` and `type`, where the caller wants a checksum.
    checksums: Mapping[str, str]


@dataclass(frozen=True)
class Part:
    """One part of an upload."""

    number: int
    blob: str
    size: int
    etag: str
    modified_at: float
    checksums: Mapping[str, str]


@dataclass(frozen=True)
class NamedPart:
    """A part as CompleteMultipartUpload names it."""

    number: int
    etag: str
    #: Base64 by algorithm, where the caller names any.
    checksums: Mapping[str, str]


@dataclass(frozen=True)
class Completion:
    """What CompleteMultipartUpload asks for."""

    parts: Sequence[NamedPart]
    conditions: Conditions = UNCONDITIONAL
    #: Of the object, as the catalogue has them; only what the caller says.
    checksums: Mapping[str, str] = field(default_factory=dict)
    #: Of the object, in bytes; None where the caller does not say it.
    size: int | None = None


def is_named(part: Part, named: NamedPart) -> bool:
    """Say whether a part is what the caller says of it."""
    known = part.checksums
    return part.etag == named.etag and all(
        known.get(name, value) == value for name, value in named.checksums.items()
    )


def check_algorithm(upload: Upload, given: Mapping[str, str]) -> None:
    """Refuse a part that has not the checksum which the upload was begun with.

    Of a whole object the parts need none.
    """
    wanted = upload.checksums.get("algorithm")
    if wanted is None or wanted in given:
        return
    if given or upload.checksums["type"] == "COMPOSITE":
        raise _other_algorithm(wanted, next(iter(given), "null"))


def check_is_complete(upload: Upload, part: NamedPart) -> None:
    """Refuse a part that is named without the checksum which its upload needs."""
    wanted = upload.checksums.get("algorithm")
    of_parts = upload.checksums.get("type") == "COMPOSITE"
    if not of_parts or wanted in part.checksums:
        return
    reason = (
        f"The upload was created using a {wanted} checksum. The complete request must "
        f"include the checksum for each part. It was missing for part {part.number} "
        "in the request."
    )
    raise S3Error(Code.INVALID_REQUEST, reason=reason)


def whole_checksum(upload: Upload) -> tuple[str, Checksum] | None:
    """Return the algorithm of a checksum of all bytes, and its beginning, if any."""
    if upload.checksums.get("type") == "COMPOSITE":
        return None
    algorithm = upload.checksums.get("algorithm", DEFAULT)
    return algorithm, new_checksum(algorithm)


def object_checksums(
    upload: Upload, parts: Sequence[Part], whole: tuple[str, Checksum] | None
) -> dict[str, str]:
    """Return the checksums of the object that parts become."""
    if whole is not None:
        algorithm, value = whole
        return {algorithm: encoded(value), "type": "FULL_OBJECT"}
    algorithm = upload.checksums["algorithm"]
    values = [part.checksums[algorithm] for part in parts]
    return {algorithm: composite(algorithm, values), "type": "COMPOSITE"}


def check_whole(
    completion: Completion, checksums: Mapping[str, str], size: int
) -> None:
    """Refuse the end of an upload whose object is not what the caller says of it."""
    kind, given = checksums["type"], dict(completion.checksums)
    if given.pop("type", kind) != kind:
        reason = (
            f"The upload was created using the {kind} checksum mode. The complete "
            "request must use the same checksum mode."
        )
        raise S3Error(Code.INVALID_REQUEST, reason=reason)
    for name, value in given.items():
        if name not in checksums:
            raise _other_algorithm(next(iter(checksums)), name)
        # Of parts, the caller may leave their number out.
        if value not in (checksums[name], checksums[name].partition("-")[0]):
            raise S3Error(Code.BAD_DIGEST, name=name, what=COMPUTED)
    if completion.size not in (None, size):
        reason = (
            f"The provided 'x-amz-mp-object-size' header value {completion.size} does "
            f"not match what was computed: {size}"
        )
        raise S3Error(Code.INVALID_REQUEST, reason=reason)


def _other_algorithm(wanted: str, given: str) -> S3Error:
    reason = (
        f"Checksum Type mismatch occurred, expected checksum Type: {wanted}, actual "
        f"checksum Type: {given}"
    )
    return S3Error(Code.INVALID_REQUEST, reason=reason)
