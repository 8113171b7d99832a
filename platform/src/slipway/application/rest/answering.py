"""An action done, and answered once for each of its caller's keys."""

import datetime as dt
import re

import orjson
from flask import Request, Response

from slipway.application.requests import Asked
from slipway.application.routes.action import Action
from slipway.application.tokens import Caller
from slipway.application.workspace import Workspace
from slipway.controller.orm import KeptAnswer
from slipway.controller.store.access import Access
from slipway.digests import digest_of
from slipway.errors import ConflictError, InvalidRequestError, UnavailableError

#: What may be a key: 1 to 200 printable letters.
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
#: After this, whoever began to answer is taken to be dead.
_OVERDUE = dt.timedelta(seconds=60)
#: What a replayed answer says of itself.
REPLAYED = "Idempotency-Replayed"


def answer(
    workspace: Workspace, caller: Caller, action: Action, asked: Asked
) -> tuple[int, bytes]:
    """Do what is asked in the caller's name; return the status and the body."""
    made = action.function(workspace.acting(caller.name), asked)
    view, opened = made if isinstance(made, tuple) else (made, True)
    return (action.status if opened else 200), view.model_dump_json().encode()


def answer_once(
    workspace: Workspace, request: Request, caller: Caller, action: Action, asked: Asked
) -> Response:
    """Do what is asked, or answer what the caller's key was answered before.

    A refusal keeps no key: nothing was changed, so the same may be asked again.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None or action.method != "POST":
        return _response(*answer(workspace, caller, action, asked))
    if not _KEY.fullmatch(key):
        message = "Idempotency-Key is not 1 to 200 printable letters without a space"
        raise InvalidRequestError(message)
    access, now = Access(workspace.store.database), workspace.store.now()
    said = [action.name, asked.model_dump(mode="json")]
    begun = KeptAnswer(
        caller=caller.name, key=key, request_digest=digest_of(said), begun_at=now
    )
    if not access.begin_answer(begun, now - _OVERDUE):
        return _replayed(access, begun)
    try:
        status, body = answer(workspace, caller, action, asked)
    except BaseException:
        access.forget_answer(begun)
        raise
    access.keep_answer(begun, status, _without_secret(body))
    return _response(status, body)


def _replayed(access: Access, begun: KeptAnswer) -> Response:
    kept = access.answer(begun.caller, begun.key)
    if kept is not None and kept.request_digest != begun.request_digest:
        message = (
            f"The Idempotency-Key {begun.key!r} was used for another request: give each"
            " request its own"
        )
        raise ConflictError(message)
    if kept is None or not kept.status:
        message = (
            f"The request of Idempotency-Key {begun.key!r} is being answered: wait"
        )
        raise UnavailableError(message)
    made = _response(kept.status, kept.body.encode())
    made.headers[REPLAYED] = "true"
    return made


def _without_secret(body: bytes) -> str:
    """Return a body to keep: a token's secret is shown once, and stored nowhere."""
    said = orjson.loads(body)
    if "secret" in said:
        said["secret"] = None
    text: bytes = orjson.dumps(said)
    return text.decode()


def _response(status: int, body: bytes) -> Response:
    return Response(body, status, content_type="application/json")
