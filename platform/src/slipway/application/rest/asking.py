"""A request read: whose it is, what it says, checked."""

import re
from collections.abc import Mapping
from functools import cache

import orjson
from flask import Request

from slipway.application.remote import ENVIRONMENT_HEADER
from slipway.application.requests import Asked
from slipway.application.routes.action import Action
from slipway.application.tokens import Caller, caller_of, check_role
from slipway.application.workspace import Workspace
from slipway.controller.bodies import parse_object
from slipway.controller.store.access import Access
from slipway.errors import InvalidRequestError, suggestion

_BEARER = "bearer "
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,18}")
_JSON_TYPE = "application/json"


def caller(workspace: Workspace, request: Request, action: Action) -> Caller:
    """Return who asks; raise unless their token may."""
    given = request.headers.get("Authorization", "")
    is_bearer = given.lower().startswith(_BEARER)
    secret = given[len(_BEARER) :].strip() if is_bearer else ""
    store = workspace.store
    found = caller_of(Access(store.database), secret, store.now())
    check_role(found, action.role)
    return found


def check_environment(workspace: Workspace, request: Request) -> None:
    """Raise where the caller means another environment than this controller's."""
    own, meant = (
        workspace.settings.environment.name,
        request.headers.get(ENVIRONMENT_HEADER),
    )
    if meant not in {None, own}:
        message = (
            f"This controller serves the environment {own!r}, not {meant!r}: ask that"
            f" environment's own, or say that you mean this one: --env {own}"
        )
        raise InvalidRequestError(message)


def asked(request: Request, action: Action) -> Asked:
    """Return what is asked; raise pydantic's ValidationError where it says anything else.

    The path and the query are text: numbers in them are read as such. A body is strict:
    `"4"` is no number.
    """
    said: dict[str, object] = dict(request.view_args or {})
    query = {name: _single(request, name) for name in request.args}
    if action.method == "POST":
        if query:
            message = (
                f"{next(iter(query))!r} is in the query; a POST says it in its body"
            )
            raise InvalidRequestError(message)
        body = _body(request)
        known = [name for name in action.in_path if name in body]
        if known:
            message = f"{known[0]!r} is in the path: leave it out of the body"
            raise InvalidRequestError(message)
    else:
        body = {}
        _check_parameters(action, query)
    for name, text in {**said, **query}.items():
        is_number = name in _numbers(action.asks) and _WHOLE_NUMBER.fullmatch(str(text))
        said[name] = int(str(text)) if is_number else text
    return action.asks.model_validate_json(orjson.dumps({**body, **said}), strict=True)


def _check_parameters(action: Action, query: Mapping[str, str]) -> None:
    """Raise for a parameter that the action does not take, and name those that it does."""
    known = [name for name in action.asks.model_fields if name not in action.in_path]
    for name in query:
        if name not in known:
            others = suggestion(name, known) if known else " It takes none"
            message = f"{name!r} in the query is not known.{others}"
            raise InvalidRequestError(message)


def _single(request: Request, name: str) -> str:
    values = request.args.getlist(name)
    if len(values) > 1:
        message = f"{name!r} is in the query {len(values)} times: give it once"
        raise InvalidRequestError(message)
    return values[0]


def _body(request: Request) -> dict[str, object]:
    content = request.get_data(cache=False)
    if not content:
        return {}
    if request.mimetype != _JSON_TYPE:
        message = f"The body is {request.mimetype or 'of no type'}: send {_JSON_TYPE}"
        raise InvalidRequestError(message)
    return parse_object(content, "The body", InvalidRequestError)


@cache
def _numbers(asks: type[Asked]) -> frozenset[str]:
    """Return the fields that hold whole numbers."""
    found = asks.model_json_schema()["properties"] if asks.model_fields else {}
    return frozenset(name for name, s in found.items() if s.get("type") == "integer")
