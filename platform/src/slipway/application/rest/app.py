"""The Flask application: a route for each action, and four that need no token."""

import logging
import time
from collections.abc import Callable

import orjson
from flask import Flask, Response, g, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from slipway.application.actions import ACTIONS
from slipway.application.rest import health, problems
from slipway.application.rest.answering import answer_once
from slipway.application.rest.asking import asked, caller, check_environment
from slipway.application.rest.metrics import Metrics
from slipway.application.rest.openapi import document
from slipway.application.routes.action import Action
from slipway.application.workspace import Workspace
from slipway.errors import SlipwayError

_LOG = logging.getLogger(__name__)
#: The largest body: a request is a few names and numbers.
LARGEST_BODY = 256 * 1024
PREFIX = "/v1"


def create_app(workspace: Workspace) -> Flask:
    """Return the application over a workspace."""
    app = Flask("slipway", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    metrics = Metrics(workspace.store.database)
    for action in ACTIONS:
        rule = PREFIX + action.path.replace("{", "<").replace("}", ">")
        view = _view(workspace, action)
        app.add_url_rule(
            rule,
            action.name,
            view,
            methods=[action.method],
            provide_automatic_options=False,
        )
    _add_open_routes(app, workspace, metrics)
    _add_hooks(app, metrics)
    return app


def _view(workspace: Workspace, action: Action) -> Callable[..., Response]:
    def view(**_in_path: str) -> Response:
        who = caller(workspace, request, action)
        check_environment(workspace, request)
        return answer_once(workspace, request, who, action, asked(request, action))

    return view


def _add_open_routes(app: Flask, workspace: Workspace, metrics: Metrics) -> None:
    """Add what needs no token: it shows no model's data."""
    ready = health.Readiness(workspace)

    def healthz() -> Response:
        return _json({"status": "alive"})

    def readyz() -> Response:
        ready.check()
        return _json({"status": "ready"})

    def metricsz() -> Response:
        return Response(metrics.text(), content_type="text/plain; version=0.0.4")

    def openapi() -> Response:
        return _json(document())

    routes = {
        "/healthz": healthz,
        "/readyz": readyz,
        "/metrics": metricsz,
        "/openapi.json": openapi,
    }
    for path, view in routes.items():
        app.add_url_rule(path, path[1:], view, provide_automatic_options=False)


def _add_hooks(app: Flask, metrics: Metrics) -> None:
    @app.before_request
    def begin() -> None:
        g.began = time.monotonic()

    @app.after_request
    def count(answer: Response) -> Response:
        seconds = time.monotonic() - g.get("began", time.monotonic())
        metrics.count(request.endpoint or "none", answer.status_code, seconds)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    app.register_error_handler(SlipwayError, problems.of_slipway)
    app.register_error_handler(ValidationError, problems.of_validation)
    app.register_error_handler(HTTPException, problems.of_http)

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        _LOG.error("request_broken path=%s", request.path, exc_info=error)
        detail = "A fault of the platform; nothing says what. See the controller's log"
        return problems.problem(500, "broken", detail, retryable=True)


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), content_type="application/json")
