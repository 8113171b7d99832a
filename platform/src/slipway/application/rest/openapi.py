"""The OpenAPI document, generated from the table of actions."""

import inspect
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from slipway.application.actions import ACTIONS
from slipway.application.remote import ENVIRONMENT_HEADER
from slipway.application.routes.action import Action

_TEMPLATE = "#/components/schemas/{model}"
_PROBLEM_TYPE = "application/problem+json"
_TITLE = "Slipway's state controller"
_OPEN = {
    "/healthz": "Tell that the process is alive",
    "/readyz": "Tell whether the database and SageMaker answer",
    "/openapi.json": "Return this document",
}


class Problem(BaseModel):
    """Why something was refused, in one line: what, where, what next."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    retryable: bool


class Status(BaseModel):
    """A word for how an instance is."""

    status: str


@cache
def document() -> dict[str, Any]:
    """Return the document of every route."""
    schemas: dict[str, Any] = {}
    answers: list[type[BaseModel]] = [Problem, Status]
    answers += [action.answers for action in ACTIONS]
    names, found = models_json_schema(
        [(answer, "serialization") for answer in dict.fromkeys(answers)],
        ref_template=_TEMPLATE,
    )
    schemas |= found["$defs"]
    paths: dict[str, Any] = {}
    for action in ACTIONS:
        said = action.asks.model_json_schema(ref_template=_TEMPLATE)
        schemas |= said.pop("$defs", {})
        answer = names[action.answers, "serialization"]
        route = paths.setdefault(f"/v1{action.path}", {})
        route[action.method.lower()] = _operation(action, said, answer)
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": "1"},
        "paths": paths | _open_paths(),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(action: Action, said: dict[str, Any], answer: Any) -> dict[str, Any]:
    summary = (inspect.getdoc(action.function) or "").splitlines()[0]
    operation: dict[str, Any] = {
        "operationId": action.name,
        "tags": [action.name.partition(".")[0]],
        "summary": summary,
        "description": f"Takes a token of the role {action.role} or a stronger one.",
        "security": [{"token": []}],
        "x-role": action.role,
        "parameters": [*_parameters(action, said), _ENVIRONMENT],
        "responses": _responses(action, answer),
    }
    if action.method == "POST":
        operation["parameters"].append(_KEY)
        operation["requestBody"] = {
            "required": bool(_body(action, said)["required"]),
            "content": {"application/json": {"schema": _body(action, said)}},
        }
    return operation


_ENVIRONMENT = {
    "name": ENVIRONMENT_HEADER,
    "in": "header",
    "required": False,
    "description": "The environment that is meant; a controller of another one refuses",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "For seven days the same key and request are answered once, and the same"
    " again",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
}


def _parameters(action: Action, said: dict[str, Any]) -> list[dict[str, Any]]:
    shown = list(action.in_path)
    if action.method == "GET":
        shown += [name for name in said.get("properties", {}) if name not in shown]
    return [
        {
            "name": name,
            "in": "path" if name in action.in_path else "query",
            "required": name in said.get("required", []),
            "schema": _in_text(said["properties"][name]),
        }
        for name in shown
    ]


def _in_text(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter, which is absent where a body says null."""
    options = [s for s in schema.get("anyOf", []) if s != {"type": "null"}]
    if not options:
        return {k: v for k, v in schema.items() if k != "title"}
    kept = {k: v for k, v in schema.items() if k not in {"anyOf", "default", "title"}}
    return {**options[0], **kept}


def _body(action: Action, said: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of what is not in the path."""
    properties = said.get("properties", {})
    required = said.get("required", [])
    return {
        "type": "object",
        "properties": {k: v for k, v in properties.items() if k not in action.in_path},
        "required": [name for name in required if name not in action.in_path],
        "additionalProperties": False,
    }


def _responses(action: Action, answer: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": answer}}
    statuses = {action.status, 200} if action.status == 201 else {action.status}
    done = {
        str(status): {"description": "Done", "content": content}
        for status in sorted(statuses)
    }
    return done | {"default": _refused()}


def _refused() -> dict[str, Any]:
    reference = {"$ref": _TEMPLATE.format(model="Problem")}
    return {
        "description": "Refused; nothing was changed",
        "content": {_PROBLEM_TYPE: {"schema": reference}},
    }


def _open_paths() -> dict[str, Any]:
    status = {"$ref": _TEMPLATE.format(model="Status")}
    paths: dict[str, Any] = {}
    for path, summary in _OPEN.items():
        schema = status if path != "/openapi.json" else {"type": "object"}
        content = {"application/json": {"schema": schema}}
        paths[path] = _open(path, summary, content)
    text = {"text/plain": {"schema": {"type": "string"}}}
    paths["/metrics"] = _open("/metrics", "Return what Prometheus reads", text)
    return paths


def _open(path: str, summary: str, content: dict[str, Any]) -> dict[str, Any]:
    name = path[1:].removesuffix(".json")
    return {
        "get": {
            "operationId": f"instance.{name}",
            "tags": ["instance"],
            "summary": summary,
            "responses": {
                "200": {"description": "Done", "content": content},
                "default": _refused(),
            },
        }
    }
