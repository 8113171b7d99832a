"""A container image, run by a Docker daemon with no network at all."""

import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile

from docker import DockerClient
from docker.models.containers import Container

from slipway.images.sandbox import Answer, Ask, Question, failure_reason
from slipway.images.tool import LAST_LINES, failure

#: Seconds that a serving container has to end after SIGTERM.
GRACE = 30
#: Marks the containers of fixture tests.
LABELS = {"slipway.purpose": "fixture-test"}

_SERVE = "serve"

# Asked from inside the container: it has no network, and so no port to publish.
_ASK = """
import http.client, json, os, sys
body = os.environ.get("QUESTION", "").encode()
try:
    connection = http.client.HTTPConnection("127.0.0.1", 8080, timeout=60)
    connection.request("POST" if body else "GET", sys.argv[1], body or None,
                       {"Content-Type": "application/json"} if body else {})
    response = connection.getresponse()
    print(json.dumps([response.status, response.read().decode()]))
except OSError as error:
    print(json.dumps([0, str(error)]))
"""


@dataclass(frozen=True)
class DockerSandbox:
    """Runs a container image; nothing of this machine is mounted into it."""

    #: The daemon.
    client: DockerClient
    #: The image's name.
    uri: str

    def run(self, command: str, root: Path) -> None:
        """Run one command, as Sandbox says."""
        with self._container(command, root) as container:
            container.start()
            code = int(container.wait()["StatusCode"])
            _copy_out(container, root)
            if code != 0:
                raise failure(command, _last(container), failure_reason(root, code))

    @contextmanager
    def serve(self, root: Path) -> Iterator[Ask]:
        """Serve, as Sandbox says."""
        with self._container(_SERVE, root) as container:
            container.start()

            def ask(question: Question) -> Answer:
                container.reload()
                if container.status != "running":
                    code = int(container.wait()["StatusCode"])
                    raise failure(_SERVE, _last(container), f"exit code {code}")
                return _ask(container, question)

            yield ask
            container.stop(timeout=GRACE)

    @contextmanager
    def _container(self, command: str, root: Path) -> Iterator[Container]:
        container = self.client.containers.create(
            self.uri, [command], network_mode="none", labels=LABELS
        )
        try:
            _copy_in(container, root)
            yield container
        finally:
            container.remove(force=True, v=True)


def _ask(container: Container, question: Question) -> Answer:
    result = container.exec_run(
        ["python", "-c", _ASK, question.path],
        environment={"QUESTION": question.body.decode()},
    )
    output = result.output if isinstance(result.output, bytes) else b""
    status, body = json.loads(output)
    if not status:
        raise ConnectionError(body)
    return Answer(status, body.encode())


def _last(container: Container) -> list[str]:
    log = container.logs(tail=LAST_LINES).decode("utf-8", "replace")
    return log.splitlines()


def _copy_in(container: Container, root: Path) -> None:
    with TemporaryFile() as file:
        with tarfile.open(fileobj=file, mode="w") as archive:
            archive.add(root, "opt/ml", filter=_owned_by_root)
        file.seek(0)
        container.put_archive("/", file)


def _owned_by_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def _copy_out(container: Container, root: Path) -> None:
    chunks, _ = container.get_archive("/opt/ml/.")
    content = BytesIO(b"".join(chunks))
    with tarfile.open(fileobj=content) as archive:
        archive.extractall(root, filter="data")
