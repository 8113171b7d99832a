"""An action done, and answered once for each of its caller's keys."""

import logging
import os
import re
import socket

import orjson
from flask import Request, Response

from slipway.application.requests import Asked
from slipway.application.routes.action import Action
from slipway.application.tokens import Caller
from slipway.application.workspace import Workspace
from slipway.controller.exclusive import renewed
from slipway.controller.orm import KeptAnswer
from slipway.controller.store import Leases
from slipway.controller.store.answers import Answers
from slipway.digests import digest_of
from slipway.errors import ConflictError, InvalidRequestError, UnavailableError

_LOG = logging.getLogger(__name__)
#: What may be a key: 1 to 200 printable letters.
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
#: What a replayed answer says of itself.
REPLAYED = "Idempotency-Replayed"


def answer(workspace: Workspace, action: Action, asked: Asked) -> tuple[int, bytes]:
    """Do what is asked; return the status and the body."""
    made = action.function(workspace, asked)
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
        return _response(*answer(workspace.acting(caller.name), action, asked))
    if not _KEY.fullmatch(key):
        message = "Idempotency-Key is not 1 to 200 printable letters without a space"
        raise InvalidRequestError(message)
    said = [action.name, asked.model_dump(mode="json")]
    begun = KeptAnswer(
        caller=caller.name,
        key=key,
        request_digest=digest_of(said),
        begun_at=workspace.store.now(),
    )
    answers = Answers(workspace.store.database)
    held = answers.begin(begun, f"{socket.gethostname()}, process {os.getpid()}")
    if held is None:
        return _replayed(answers, begun)
    acting = workspace.acting(caller.name, held)
    with renewed(Leases(workspace.store.database), held):
        try:
            status, body = answer(acting, action, asked)
        except BaseException:
            answers.forget(held)
            raise
        if not answers.keep(held, status, _without_secret(body)):
            _LOG.warning("answer_lost caller=%s key=%s", caller.name, key)
    return _response(status, body)


def _replayed(answers: Answers, begun: KeptAnswer) -> Response:
    kept = answers.find(begun.caller, begun.key)
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
