"""The copying of a container's output into a log file."""

import datetime as dt
import logging
from pathlib import Path
from threading import Thread

import requests
from docker import APIClient
from docker.errors import DockerException

from slipway.sagemaker_local.executors.shim import append

_LOG = logging.getLogger(__name__)


class LogCopy:
    """Follows a container's output from its beginning, in a thread."""

    def __init__(self, api: APIClient, container: str, target: Path) -> None:
        self._api = api
        self._container = container
        self._target = target
        self._thread = Thread(target=self._run, name=f"log-{container}", daemon=True)
        self._thread.start()

    def finish(self, timeout: float) -> None:
        """Wait until the output of an ended container is copied."""
        self._thread.join(timeout)

    def _run(self) -> None:
        # From the start each time: a server that was killed may have copied half.
        self._target.parent.mkdir(parents=True, exist_ok=True)
        try:
            output = self._api.logs(
                self._container,
                stdout=True,
                stderr=True,
                stream=True,
                follow=True,
                timestamps=True,
            )
            with self._target.open("wb", buffering=0) as target:
                rest = b""
                for piece in output:
                    *lines, rest = (rest + piece).split(b"\n")
                    append(target, b"".join(map(stamped, lines)))
                if rest:
                    append(target, stamped(rest))
        except (DockerException, requests.RequestException, OSError) as error:
            _LOG.warning("log_copy_ended container=%s: %s", self._container, error)


def stamped(line: bytes) -> bytes:
    """Return a line of Docker's with its time in milliseconds in front."""
    moment, _, text = line.partition(b" ")
    parsed = dt.datetime.fromisoformat(moment.decode("ascii")[:26].rstrip("Z"))
    seconds = parsed.replace(tzinfo=dt.UTC).timestamp()
    return b"%d %b\n" % (int(seconds * 1000), text.rstrip(b"\r"))
