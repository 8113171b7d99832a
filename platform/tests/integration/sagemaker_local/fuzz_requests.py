"""Requests from botocore's shapes: valid ones, and ones with one thing wrong."""

import copy
import functools
import re
from typing import Any

from hypothesis import strategies as st

from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker.shapes import java_pattern
from slipway.sagemaker_local.autoscaling.supported import OPERATIONS as SCALING
from slipway.sagemaker_local.cloudwatch.supported import OPERATIONS as CLOUDWATCH
from slipway.sagemaker_local.supported.table import NEEDED, OPERATIONS

#: What is supported, by service.
TABLES = {
    "sagemaker": OPERATIONS,
    "cloudwatch": CLOUDWATCH,
    "application-autoscaling": SCALING,
}

#: What most of SageMaker's patterns take one of.
_SAMPLES = (
    *("name-1", "name", "a", "1", "train", "primary", "All", "key", "None", "Name"),
    *(
        "s3://bucket/data",
        "s3://bucket/key.tar.gz",
        "/opt/ml/processing/input",
        "/ping",
    ),
    *("000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:test", "text/csv"),
    *("arn:aws:iam::000000000000:role/slipway", "https://example.org/", "{}", "$[0:1]"),
    "arn:aws:sagemaker:eu-west-1:000000000000:training-job/name-1",
    "arn:aws:sagemaker:eu-west-1:000000000000:model-package/name/1",
    "arn:aws:kms:eu-west-1:000000000000:key/00000000-0000-0000-0000-000000000000",
    "sha256:" + "0" * 64,
    "endpoint/name/variant/primary",
)
#: Where a wrong value goes; each is wrong for nearly every member.
_ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**31, 2**63, 10**30, 1.5, -0.0, 1e308, "", " ", "\0"),
    *("x" * 70, "x" * 3000, "ä", "\U0001f600", "../..", "a b", "-a", "a-", "\n"),
    *([], {}, [[]], [None], {"": ""}, {"a": None}, ["a"] * 101, "$(id)", "<a>", "%s"),
)


def members(
    operation: str, service: str = "sagemaker"
) -> st.SearchStrategy[dict[str, Any]]:
    """Return valid requests of an operation, of what is supported."""
    shape = input_shape(service, operation)
    if shape is None:
        return st.just({})
    return _structure(shape, TABLES[service][operation])


@st.composite
def near(draw: st.DrawFn, operation: str, service: str = "sagemaker") -> dict[str, Any]:
    """Return requests of an operation with up to three things changed."""
    request = copy.deepcopy(draw(members(operation, service)))
    for _ in range(draw(st.integers(1, 3))):
        _change(draw, request)
    return request


def _change(draw: st.DrawFn, request: dict[str, Any]) -> None:
    container, key = draw(st.sampled_from(list(_places(request))))
    what = draw(st.sampled_from(("odd", "odd", "remove", "add", "repeat")))
    if what == "odd" and key is not None:
        container[key] = copy.deepcopy(draw(st.sampled_from(_ODD)))
    elif what == "remove" and key is not None:
        del container[key]
    elif what == "add" and isinstance(container, dict):
        names = ("Foo", "", "Tags", "tags", "NextToken", "VpcConfig", "__type")
        value = copy.deepcopy(draw(st.sampled_from(_ODD)))
        container[draw(st.sampled_from(names))] = value
    elif what == "repeat" and isinstance(container, list) and container:
        container.extend(copy.deepcopy(container[:1]) * draw(st.sampled_from((1, 101))))


def _places(value: Any) -> Any:
    """Yield every place of a request: its container, and its key there."""
    yield value, None
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(inner):
        yield value, key
        if isinstance(item, dict | list):
            yield from _places(item)


def any_members(service: str, operation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Return valid requests of an operation of any service."""
    return _structure(input_shape(service, operation), None)


def _structure(shape: Any, support: Any) -> st.SearchStrategy[dict[str, Any]]:
    required, optional = {}, {}
    needed = {name.rstrip(NEEDED) for name in support or () if name.endswith(NEEDED)}
    known = (
        shape.members
        if support is None
        else {name.rstrip(NEEDED): inner for name, inner in support.items()}
    )
    for name in known:
        inner = None if support is None else known[name]
        made = _value(shape.members[name], inner)
        if name in shape.required_members or name in needed:
            required[name] = made
        else:
            optional[name] = made
    return st.fixed_dictionaries(required, optional=optional)


@functools.cache
def _unbounded(shape: Any) -> st.SearchStrategy[Any]:
    return _value_of(shape, None)


def _value(shape: Any, support: Any) -> st.SearchStrategy[Any]:
    return _unbounded(shape) if support is None else _value_of(shape, support)


def _value_of(shape: Any, support: Any) -> st.SearchStrategy[Any]:
    if isinstance(support, tuple):
        return st.sampled_from(support) if support else st.just([])
    kind, low = shape.type_name, shape.metadata.get("min", 0)
    if kind == "structure":
        return _structure(shape, support)
    if kind == "list":
        most = min(shape.metadata.get("max", 3), max(low, 2))
        return st.lists(_value(shape.member, support), min_size=low, max_size=most)
    if kind == "map":
        keys, values = _value(shape.key, None), _value(shape.value, None)
        most = min(shape.metadata.get("max", 3), 3)
        return st.dictionaries(keys, values, min_size=min(low, most), max_size=most)
    return _scalar(shape)


def _scalar(shape: Any) -> st.SearchStrategy[Any]:
    kind, data = shape.type_name, shape.metadata
    if kind in ("integer", "long"):
        low = data.get("min", 0)
        return st.integers(low, min(data.get("max", low + 10), low + 100_000))
    if kind in ("float", "double"):
        return st.floats(data.get("min", 0), data.get("max", 100), allow_nan=False)
    if kind == "boolean":
        return st.booleans()
    if kind == "timestamp":
        return st.floats(0, 4e9)
    return _text(shape)


def _text(shape: Any) -> st.SearchStrategy[str]:
    enum = getattr(shape, "enum", ())
    if enum:
        return st.sampled_from(list(enum))
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)
    pattern = shape.metadata.get("pattern")
    compiled = java_pattern(pattern) if pattern else None
    fits = [
        each
        for each in _SAMPLES
        if low <= len(each) <= high and (compiled is None or compiled.fullmatch(each))
    ]
    if not pattern:
        free = st.text(min_size=low, max_size=min(high, low + 20))
        return st.one_of(st.sampled_from(fits), free) if fits else free
    return _matching(pattern, low, high, fits)


def _matching(
    pattern: str, low: int, high: int, fits: list[str]
) -> st.SearchStrategy[str]:
    try:
        made = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
        made = made.filter(lambda text: low <= len(text) <= min(high, 100))
    except re.error:
        made = st.nothing()
    return st.one_of(st.sampled_from(fits), made) if fits else made
