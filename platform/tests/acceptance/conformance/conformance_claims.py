"""Where an assertion comes from: each test of the suite says it in a decorator."""

import re
from collections.abc import Callable
from functools import cache
from typing import TypeVar

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from slipway.sagemaker.service_model import operation_model
from slipway.sagemaker_local.autoscaling.supported import OPERATIONS as AUTO_SCALING
from slipway.sagemaker_local.cloudwatch.supported import OPERATIONS as CLOUDWATCH
from slipway.sagemaker_local.logs.supported import OPERATIONS as LOGS

Test = TypeVar("Test", bound=Callable[..., object])
_TAG = re.compile(r"<[^>]+>")
#: Of operations by their name; of those that two services have, the last one's.
_SERVICES = {
    "InvokeEndpoint": "sagemaker-runtime",
    **dict.fromkeys(CLOUDWATCH, "cloudwatch"),
    **dict.fromkeys(LOGS, "logs"),
    **dict.fromkeys(AUTO_SCALING, "application-autoscaling"),
}


def documented(operation: str, words: str) -> Callable[[Test], Test]:
    """Say that AWS's service model has these words about an operation; it is checked."""
    return pytest.mark.claim("documented", operation, words)


def guide(page: str, statement: str) -> Callable[[Test], Test]:
    """Say that a page of SageMaker's developer guide states this."""
    return pytest.mark.claim("documented", f"developer guide: {page}", statement)


def field(source: str, words: str) -> Callable[[Test], Test]:
    """Say that these words of AWS were seen in a public place."""
    return pytest.mark.claim("field", source, words)


def ours(reading: str) -> Callable[[Test], Test]:
    """Say that nothing of AWS's says it: it is how this suite reads AWS."""
    return pytest.mark.claim("ours", "", reading)


def missing_words(operation: str, words: str) -> str:
    """Return a claim's words if AWS's model of an operation lacks them; else nothing."""
    return "" if _plain(words) in _documentation(operation) else words


@cache
def _documentation(operation: str) -> str:
    model = operation_model(_SERVICES.get(operation, "sagemaker"), operation)
    texts = [model.documentation]
    seen: set[str] = set()
    for shape in (model.input_shape, model.output_shape):
        _collect(shape, seen, texts)
    return _plain(" ".join(texts))


def _collect(shape: Shape | None, seen: set[str], texts: list[str]) -> None:
    if shape is None or shape.name in seen:
        return
    seen.add(shape.name)
    texts.append(shape.documentation)
    for inner in _inner(shape):
        texts.append(inner.documentation)
        _collect(inner, seen, texts)


def _inner(shape: Shape) -> list[Shape]:
    if isinstance(shape, StructureShape):
        return list(shape.members.values())
    if isinstance(shape, ListShape):
        return [shape.member]
    return [shape.key, shape.value] if isinstance(shape, MapShape) else []


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", _TAG.sub("", text)).strip()
