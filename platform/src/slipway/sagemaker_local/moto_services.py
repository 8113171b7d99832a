"""The other AWS services, by moto, in this process and in memory."""

import logging
import os
from collections.abc import Callable, Iterable
from io import BytesIO
from threading import Lock
from typing import Any

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.identity import ACCOUNT
from slipway.sagemaker_local.refusals import as_asked

_LOG = logging.getLogger(__name__)
_SERVER_ERROR = 500
#: How the pages begin that werkzeug answers for what has no route.
_PAGE = b"<!doctype html>"


class MotoServices:
    """Loads moto when it is first asked for, and answers one request at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._app: Callable[..., Iterable[bytes]] | None = None

    def __call__(self, request: Request, service: str) -> Response:
        """Return moto's answer; what moto cannot do is a 400 that says so."""
        body = request.get_data()
        # Read here, so that a refusal still knows what was asked for.
        environ = request.environ | {
            "wsgi.input": BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
        }
        with self._lock:
            if self._app is None:
                self._app = _load()
            try:
                parts, status, headers = run_wsgi_app(self._app, environ, buffered=True)
            except Exception as error:  # noqa: BLE001  # moto raises what it likes
                _LOG.info("moto_raised service=%s: %r", service, error)
                return _not_supported(request, service)
        answer, code = b"".join(parts), int(status.split()[0])
        failed = code >= _SERVER_ERROR and "html" in headers.get("Content-Type", "")
        if failed or answer.startswith(_PAGE):
            return _not_supported(request, service)
        return Response(answer, code, headers)


def _load() -> Callable[..., Iterable[bytes]]:
    # moto reads its account when it is imported; importing it takes a second.
    os.environ.setdefault("MOTO_ACCOUNT_ID", ACCOUNT)
    from moto.moto_server.werkzeug_app import (
        DomainDispatcherApplication,
        create_backend_app,
    )

    app: Any = DomainDispatcherApplication(create_backend_app)
    return app  # type: ignore[no-any-return]  # a WSGI application


def _not_supported(request: Request, service: str) -> Response:
    target = request.headers.get("X-Amz-Target", "")
    asked = target.rpartition(".")[2] or request.values.get("Action", request.path)
    message = (
        f"'{asked}' of {service} is not supported: the local server answers for "
        "sagemaker, s3, cloudwatch, application-autoscaling and logs, and "
        "hands other services to moto"
    )
    return as_asked(request, service, AwsError("NotImplemented", message))
