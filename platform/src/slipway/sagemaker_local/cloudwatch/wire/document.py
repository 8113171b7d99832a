"""An answer of AWS's query protocol: XML, written by the shape of its operation."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET

from botocore.model import ListShape, OperationModel, Shape, StructureShape

#: What no document may hold; the other protocols pass it on.
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACE = "http://monitoring.amazonaws.com/doc/2010-08-01/"


def document(
    operation: OperationModel, content: Mapping[str, Any], request_id: str
) -> bytes:
    """Return the whole answer of an operation."""
    root = ET.Element(f"{operation.name}Response", xmlns=_NAMESPACE)
    if isinstance(operation.output_shape, StructureShape):
        result = ET.SubElement(root, f"{operation.name}Result")
        result.extend(_members(content, operation.output_shape))
    metadata = ET.SubElement(root, "ResponseMetadata")
    ET.SubElement(metadata, "RequestId").text = request_id
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def _members(content: Mapping[str, Any], shape: StructureShape) -> Iterator[ET.Element]:
    for name, value in content.items():
        yield _element(name, value, shape.members[name])


def _element(tag: str, value: Any, shape: Shape) -> ET.Element:
    made = ET.Element(tag)
    if isinstance(shape, StructureShape):
        made.extend(_members(value, shape))
    elif isinstance(shape, ListShape):
        made.extend(_element("member", item, shape.member) for item in value)
    elif shape.type_name == "map":
        made.extend(_entry(key, item, shape) for key, item in value.items())
    else:
        made.text = _text(value, shape)
    return made


def _entry(key: str, value: Any, shape: Any) -> ET.Element:
    made = ET.Element("entry")
    made.extend(
        [_element("key", key, shape.key), _element("value", value, shape.value)]
    )
    return made


def _text(value: Any, shape: Shape) -> str:
    if shape.type_name == "boolean":
        return str(value).lower()
    if shape.type_name == "timestamp":
        moment = dt.datetime.fromtimestamp(value, dt.UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", str(value))
