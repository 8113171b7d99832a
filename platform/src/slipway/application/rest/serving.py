"""gunicorn, serving the API from several processes, each with a worker that takes steps."""

import logging
import os
import tempfile
from dataclasses import dataclass
from typing import Any

from gunicorn.app.base import BaseApplication

from slipway.application.worker import Worker
from slipway.application.workspace import Workspace

_THREADS = 16


@dataclass(frozen=True)
class Place:
    """Where an instance listens, and how many processes it has."""

    host: str = "127.0.0.1"
    port: int = 5056
    workers: int = 2


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """The application, loaded in each process after it was forked."""

    def __init__(self, env: str, place: Place) -> None:
        self._env = env
        self._place = place
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"{self._place.host}:{self._place.port}",
            "workers": self._place.workers,
            "worker_class": "gthread",
            "threads": _THREADS,
            "graceful_timeout": 20,
            "timeout": 60,
            "proc_name": "slipway-controller",
            "child_exit": _forget,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        # late: prometheus_client looks for its shared folder when it is imported
        from slipway.application.rest.app import create_app

        workspace = Workspace.open(self._env)
        app = create_app(workspace)
        Worker(workspace).start()
        return app


def serve(env: str, place: Place) -> None:
    """Serve the API until the process is told to end."""
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    logging.getLogger("slipway").setLevel(logging.INFO)
    _ = Workspace.open(env).store  # migrated once, before there are several
    with tempfile.TemporaryDirectory(prefix="slipway-metrics-") as folder:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
        _Server(env, place).run()


def _forget(_server: Any, worker: Any) -> None:
    """Take a dead process out of the metrics."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # it has none
