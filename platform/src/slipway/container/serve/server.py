"""gunicorn as SageMaker needs it: preloaded, quick to answer pings, drained on SIGTERM."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from slipway.container.serve.listening import retire

#: Requests that one worker answers at once; /ping is answered beside slow ones.
THREADS = 4
#: SageMaker kills a container 30 seconds after SIGTERM.
GRACEFUL_SECONDS = 25
#: SageMaker gives an invocation 60 seconds.
TIMEOUT_SECONDS = 90
#: Longer than the idle time of the connections that SageMaker keeps to a container.
KEEPALIVE_SECONDS = 75


@dataclass(frozen=True)
class Settings:
    """Where a model is served, and by how many processes."""

    #: The address that is listened on.
    address: str
    #: The port.
    port: int
    #: Worker processes; each answers THREADS requests at once.
    workers: int


class DrainingWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """A worker that answers every connection the kernel has accepted before it stops.

    gunicorn's own worker leaves the listening socket open, and unread, until its last
    request is answered: whoever connects meanwhile is accepted and then reset.
    """

    #: The listening sockets, as gunicorn names them.
    sockets: list[Any]

    def set_accept_enabled(self, enabled: bool) -> None:
        """Accept who is waiting and close the sockets at once, when asked to stop."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            listener.setblocking(False)
            retire(listener, partial(self.accept, listener))
        self.sockets = []


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, app: Flask, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in _configuration(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def serve_forever(app: Flask, settings: Settings) -> None:
    """Serve `app` until SIGTERM; the requests in flight are answered first."""
    _Application(app, settings).run()


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "bind": f"{settings.address}:{settings.port}",
        "workers": settings.workers,
        "threads": THREADS,
        "worker_class": DrainingWorker,
        "preload_app": True,
        "graceful_timeout": GRACEFUL_SECONDS,
        "timeout": TIMEOUT_SECONDS,
        "keepalive": KEEPALIVE_SECONDS,
        "control_socket_disable": True,
        "worker_tmp_dir": None,
    }
