"""YAML documents: read with their lines kept, validated with file and line in each error."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from slipway.errors import DocumentError, suggestion

Model = TypeVar("Model", bound=BaseModel)
Location = Sequence[int | str]


@dataclass(frozen=True)
class Document:
    """A YAML mapping, and where it was read."""

    #: The file, as the user named it: errors quote it.
    path: Path
    #: The mapping, with line numbers kept by ruamel.yaml.
    data: CommentedMap

    def line(self, location: Location) -> int:
        """Return the line, from 1, of the deepest part of `location` that exists."""
        node: Any = self.data
        line = 1
        for part in location:
            if isinstance(node, CommentedMap) and part in node:
                line = node.lc.key(part)[0] + 1
            elif isinstance(node, CommentedSeq) and isinstance(part, int):
                line = node.lc.item(part)[0] + 1
            else:
                break
            node = node[part]
        return line


def read_document(path: Path) -> Document:
    """Read `path` as one YAML mapping; raise DocumentError with its line if it is none."""
    try:
        data = YAML(typ="rt").load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        message = f"{path}: there is no such file"
        raise DocumentError(message) from error
    except OSError as error:
        message = f"{path}: the file cannot be read: {error.strerror}"
        raise DocumentError(message) from error
    except UnicodeDecodeError as error:
        message = f"{path}: the file is not UTF-8 text ({error.reason})"
        raise DocumentError(message) from error
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        message = f"{path}:{line}: this is not YAML: {error.problem or error.context}"
        raise DocumentError(message) from error
    except YAMLError as error:
        message = f"{path}: this is not YAML: {str(error).splitlines()[0]}"
        raise DocumentError(message) from error
    if not isinstance(data, CommentedMap):
        other = "a list" if isinstance(data, list) else "one value"
        got = "nothing" if data is None else other
        message = f"{path}:1: expected `key: value` lines, got {got}"
        raise DocumentError(message)
    return Document(path, data)


def validate(document: Document, model: type[Model]) -> Model:
    """Return `document` as a `model`; raise DocumentError with a line for each fault."""
    try:
        return model.model_validate(plain(document.data))
    except ValidationError as error:
        faults = [
            _fault(document, detail, model)
            for detail in error.errors(include_url=False)
        ]
        raise DocumentError("\n".join(faults)) from error


def plain(node: object) -> Any:
    """Return `node` as plain dicts, lists and scalars."""
    if isinstance(node, Mapping):
        return {str(key): plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(item) for item in node]
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)  # ruamel's own types remember how they were written
    return node


def _fault(document: Document, detail: ErrorDetails, model: type[BaseModel]) -> str:
    location = _written(document.data, detail["loc"])
    name = ".".join(str(part) for part in location)
    where = f"{document.path}:{document.line(location)}"
    if detail["type"] == "extra_forbidden":
        owner = _owner(model, location[:-1])
        known = owner.model_fields if owner else {}
        return f"{where}: {name!r} is not a known key.{suggestion(str(location[-1]), known)}"
    example = _example(model, location)
    expected = f" Expected, for example: {example}" if example else ""
    if detail["type"] == "missing":
        return f"{where}: {name!r} is missing.{expected}"
    reason = (
        detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    )
    return f"{where}: {name!r} is {detail['input']!r}: {reason}.{expected}"


def _written(data: object, location: Location) -> tuple[int | str, ...]:
    """Drop pydantic's own parts of a location (union tags, `[key]`) that no file has."""
    kept: list[int | str] = []
    node: Any = data
    for index, part in enumerate(location):
        last = index == len(location) - 1
        inside = isinstance(node, Mapping) and part in node
        indexed = isinstance(node, list) and isinstance(part, int) and part < len(node)
        if inside or indexed:
            node = node[part]
            kept.append(part)
        elif last and isinstance(node, Mapping) and part != "[key]":
            kept.append(part)
    return tuple(kept)


def _owner(model: type[BaseModel], location: Location) -> type[BaseModel] | None:
    """Return the pydantic class that the mapping at `location` is read into."""
    owner: type[BaseModel] | None = model
    for part in location:
        if owner is None:
            return None
        if (field := owner.model_fields.get(str(part))) is not None:
            owner = _model_in(field.annotation)
    return owner


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_model_in(argument) for argument in get_args(annotation))
    return next((model for model in found if model is not None), None)


def _example(model: type[BaseModel], location: Location) -> str:
    if not location:
        return ""
    owner = _owner(model, location[:-1])
    field = owner.model_fields.get(str(location[-1])) if owner else None
    if field is None or not field.examples:
        return ""
    return f"{location[-1]}: {field.examples[0]}"
