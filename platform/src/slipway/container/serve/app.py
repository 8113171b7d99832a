"""The Flask application of a model: GET /ping and POST /invocations."""

import logging
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.exceptions import HTTPException

from slipway.container.serve.answers import Answer, dumps, records
from slipway.container.serve.bodies import read_rows
from slipway.container.serve.inputs import input_frame
from slipway.container.serve.media import FORMATS, JSON, answer_format, request_format
from slipway.container.serve.refusal import (
    RequestRefusedError,
    error_document,
    refusal_document,
)
from slipway.container.serve.scorer import Scorer
from slipway.container.serve.transaction import (
    REQUEST_HEADER,
    RESPONSE_HEADER,
    transaction_id,
)

#: The longest body that InvokeEndpoint passes on.
LONGEST_BODY = 6 * 1024 * 1024
#: Where the application keeps what it serves.
EXTENSION = "slipway"

_log = logging.getLogger(__name__)


@dataclass
class Serving:
    """What an application serves: the class from the start, the scorer once loaded."""

    #: The author's class, as serve.py names it.
    model_class: Any
    #: The loaded model; None until it is.
    scorer: Scorer | None = None


def create_app(model_class: Any) -> Flask:
    """Return the application of a model's class; it loads the artifact when it is served."""
    app = Flask("slipway.container.serve", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    app.extensions[EXTENSION] = Serving(model_class)
    app.before_request(_name_the_transaction)
    app.after_request(_return_the_transaction)
    app.register_error_handler(RequestRefusedError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _fault)
    app.add_url_rule("/ping", view_func=_ping, methods=["GET"])
    app.add_url_rule("/invocations", view_func=_invocations, methods=["POST"])
    return app


def serving(app: Flask) -> Serving:
    """Return what `app` serves."""
    kept: Serving = app.extensions[EXTENSION]
    return kept


def _ping() -> Response:
    return Response(status=200 if _serving().scorer else 503, content_type=JSON)


def _invocations() -> Response:
    scorer = _serving().scorer
    if scorer is None:
        message = "The model is not loaded yet; ask again once GET /ping answers 200"
        raise RequestRefusedError(message, status=503, code="not_ready")
    media = request_format(request.headers.get("Content-Type"))
    answered = answer_format(request.accept_mimetypes, media)
    body = request.get_data(cache=False)
    rows = read_rows(body, FORMATS[media], scorer.features)
    frame = input_frame(rows, scorer.features)
    predictions = records(scorer.predict(frame))
    answer = Answer(rows, predictions, scorer.identity, g.transaction_id)
    g.attributes = answer.attributes()
    return Response(answer.body(FORMATS[answered]), content_type=answered)


def _serving() -> Serving:
    return serving(current_app)


def _name_the_transaction() -> None:
    g.transaction_id = transaction_id(request.headers.get(REQUEST_HEADER))
    g.attributes = f"transaction_id={g.transaction_id}"


def _return_the_transaction(response: Response) -> Response:
    response.headers[RESPONSE_HEADER] = g.attributes
    return response


def _refused(error: RequestRefusedError) -> Response:
    document = refusal_document(error, g.transaction_id)
    return Response(dumps(document), error.status, content_type=JSON)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code, message = _HTTP.get(status, ("bad_request", error.description or error.name))
    document = error_document(code, message, g.transaction_id)
    return Response(dumps(document), status, content_type=JSON)


def _fault(error: Exception) -> Response:
    """Answer 500 with the error's kind alone: its text may quote a caller's data."""
    _log.error("invocation_failed transaction_id=%s", g.transaction_id, exc_info=error)
    message = f"The model failed with {type(error).__name__}; its log says where"
    document = error_document("model_error", message, g.transaction_id)
    return Response(dumps(document), 500, content_type=JSON)


_HTTP = {
    404: ("not_found", "There is GET /ping and POST /invocations, and nothing else"),
    405: ("method_not_allowed", "There is GET /ping and POST /invocations"),
    413: (
        "too_large",
        f"The request is longer than {LONGEST_BODY} bytes: send fewer rows",
    ),
}
