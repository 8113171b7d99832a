"""A process image, run on this machine."""

import http.client
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.images.build import BuiltImage
from slipway.images.process_image import FILE_NAME
from slipway.images.sandbox import Answer, Ask, Question, failure_reason
from slipway.images.tool import LAST_LINES, failure

#: Seconds that a serving process has to end after SIGTERM.
GRACE = 30
#: Seconds that one question may take.
PATIENCE = 60

_SERVE = "serve"
_INHERITED = ("PATH", "LANG", "LC_ALL", "TMPDIR")


@dataclass(frozen=True)
class ProcessSandbox:
    """Runs a process image, each command with a folder of its own as `/opt/ml`."""

    #: What `image.json` says.
    image: dict[str, Any]

    @classmethod
    def of(cls, image: BuiltImage, images_root: Path) -> "ProcessSandbox":
        """Return the sandbox of a built process image."""
        name = image.uri.split("/", 1)[1].replace(":", "/")
        text = (images_root / name / FILE_NAME).read_text(encoding="utf-8")
        return cls(json.loads(text))

    def run(self, command: str, root: Path) -> None:
        """Run one command, as Sandbox says."""
        done = subprocess.run(  # noqa: S603 - the entrypoint that build_image wrote
            [*self.image["entrypoint"], command],
            env=self._environment(root),
            cwd=self.image["working_dir"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            last = done.stdout.splitlines()[-LAST_LINES:]
            raise failure(command, last, failure_reason(root, done.returncode))

    @contextmanager
    def serve(self, root: Path) -> Iterator[Ask]:
        """Serve, as Sandbox says."""
        port = _free_port()
        environment = self._environment(root)
        environment["SAGEMAKER_BIND_TO_PORT"] = str(port)
        environment["SLIPWAY_BIND_ADDRESS"] = "127.0.0.1"
        log = root / "serve.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603 - as above
                [*self.image["entrypoint"], _SERVE],
                env=environment,
                cwd=self.image["working_dir"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

        def ask(question: Question) -> Answer:
            if (code := process.poll()) is not None:
                last = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
                raise failure(_SERVE, last, failure_reason(root, code))
            return _request(port, question)

        try:
            yield ask
        finally:
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _environment(self, root: Path) -> dict[str, str]:
        inherited = {
            name: os.environ[name] for name in _INHERITED if name in os.environ
        }
        return {**inherited, **self.image["env"], "SAGEMAKER_BASE_DIR": str(root)}


def _request(port: int, question: Question) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        if question.body:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", question.path, question.body, headers)
        else:
            connection.request("GET", question.path)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
