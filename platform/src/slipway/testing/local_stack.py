"""A local SageMaker server of one's own, for as long as a test needs it."""

import contextlib
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from slipway.errors import UnavailableError
from slipway.sagemaker_local.executors.choice import Choice
from slipway.sagemaker_local.identity import (
    ACCESS_KEY,
    DEFAULT_REGION,
    SECRET_KEY,
)
from slipway.testing.fault_switches import FaultClient

_START_TIMEOUT = 60.0
_STOP_TIMEOUT = 60.0


class LocalServer:
    """A server process on a free port, over a state folder that outlives it."""

    def __init__(
        self,
        state: Path,
        images: Path | None = None,
        executor: Choice = "process",
        *,
        options: Sequence[str] = (),
    ) -> None:
        self._command = [
            *(sys.executable, "-m", "slipway.sagemaker_local", "--port", "0"),
            *("--state", str(state), "--executor", executor, *options),
            *(("--images", str(images)) if images is not None else ()),
        ]
        #: The folder that outlives the server.
        self.state = state
        self._log = state.with_name(f"{state.name}.log")
        self._process: subprocess.Popen[str] | None = None
        #: Where it answers; empty while it does not run.
        self.url = ""

    def start(self) -> Self:
        """Start the server and wait until it listens."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own module
                self._command, stdout=subprocess.PIPE, stderr=log, text=True
            )
        stdout = self._process.stdout
        ready = stdout and select.select([stdout], [], [], _START_TIMEOUT)[0]
        line = stdout.readline() if stdout and ready else ""
        if not line.startswith("http://"):
            self.kill()
            lines = self._log.read_text(errors="replace").splitlines()[-5:]
            message = f"The local server did not start: {' | '.join(lines)}"
            raise UnavailableError(message)
        self.url = line.split()[0]
        return self

    def kill(self) -> None:
        """End the server as a crash does; what it started lives on."""
        if self._process is not None:
            self._process.kill()
            self._collect()

    def stop(self) -> int:
        """End the server as `invoke local.down` does, and return its exit code."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self._collect()

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid if self._process is not None else 0

    @property
    def client_settings(self) -> dict[str, str]:
        """What boto3 needs to speak to the server."""
        return {
            "endpoint_url": self.url,
            "region_name": DEFAULT_REGION,
            "aws_access_key_id": ACCESS_KEY,
            "aws_secret_access_key": SECRET_KEY,
        }

    @property
    def faults(self) -> FaultClient:
        """The server's fault switches; it must run with `--fault-switches`."""
        return FaultClient(self.url)

    def _collect(self) -> int:
        process = self._process
        if process is None:
            return 0
        code = process.wait(_STOP_TIMEOUT)
        if process.stdout is not None:
            process.stdout.close()
        self._process, self.url = None, ""
        return code


@contextlib.contextmanager
def running_server(
    state: Path, images: Path, executor: Choice = "process"
) -> Iterator[str]:
    """Run a server on a free port and lend its address."""
    server = LocalServer(state, images, executor).start()
    try:
        yield server.url
    finally:
        server.stop()
