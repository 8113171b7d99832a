"""The XML that S3 answers and takes."""

import datetime as dt
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree as ET  # no DTD is let through

from werkzeug.http import http_date
from werkzeug.wrappers import Response

from slipway.sagemaker_local.s3.faults import Code, S3Error

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_CHECKSUM = "Checksum"


def element(
    tag: str, content: str | int | bool | list[ET.Element] | None = None
) -> ET.Element:
    """Make an element of text or of other elements."""
    made = ET.Element(tag)
    if isinstance(content, list):
        made.extend(content)
    elif isinstance(content, bool):
        made.text = str(content).lower()
    elif content is not None:
        made.text = str(content)
    return made


def checksum_elements(checksums: Mapping[str, str]) -> list[ET.Element]:
    """Return checksums as elements: `ChecksumCRC32`, `ChecksumType`."""
    return [
        element(f"{_CHECKSUM}{'Type' if name == 'type' else name.upper()}", value)
        for name, value in checksums.items()
    ]


def checksums_named(parent: ET.Element) -> dict[str, str]:
    """Return the checksums that a document gives for a part, by algorithm."""
    return {
        child.tag.removeprefix(_CHECKSUM).lower(): child.text or ""
        for child in parent
        if child.tag.startswith(_CHECKSUM)
    }


def answer(root: ET.Element, status: int = 200) -> Response:
    """Return a document as an HTTP answer."""
    if status < 300:  # HTTP's success
        root.set("xmlns", NAMESPACE)
    text = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Response(text, status, content_type="application/xml")


def parsed(text: bytes, tag: str) -> ET.Element:
    """Parse a request's document without namespaces; anything else is MalformedXML."""
    if b"<!" in text:
        raise S3Error(Code.MALFORMED_XML)
    try:
        root = ET.fromstring(text)  # noqa: S314  # no DTD gets here
    except ET.ParseError as error:
        raise S3Error(Code.MALFORMED_XML) from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
    if root.tag != tag:
        raise S3Error(Code.MALFORMED_XML)
    return root


def texts(parent: ET.Element, tag: str) -> Iterator[str]:
    """Yield the text of every child of a tag."""
    for child in parent.iter(tag):
        yield child.text or ""


def iso(seconds: float) -> str:
    """Return a moment as S3 writes it in XML."""
    moment = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def http(seconds: float) -> str:
    """Return a moment as HTTP headers write it."""
    return http_date(seconds)
