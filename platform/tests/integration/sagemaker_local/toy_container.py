"""A container for tests that obeys SageMaker's contract; standard library only.

`process` writes its inputs in capitals; `train` does what its hyperparameters say;
`serve` answers as `weights.json` of its model says.
"""

import json
import os
import signal
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

ROOT = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def process() -> None:
    environment = ROOT / "processing/output/out/environment.json"
    environment.write_text(json.dumps(dict(os.environ)))
    for path in sorted((ROOT / "processing/input/in").rglob("*")):
        if path.is_file():
            target = ROOT / "processing/output/out" / path.name
            target.write_bytes(path.read_bytes().upper())
    (ROOT / "output/message").write_text("all in capitals")
    say("all in capitals")
    wait_for({"seconds": sys.argv[2] if len(sys.argv) > 2 else "0"})


def train() -> None:
    config = ROOT / "input/config"
    parameters = json.loads((config / "hyperparameters.json").read_text())
    say("loss=0.5;")
    if "ignore_term" in parameters:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, lambda *_: save(parameters) or sys.exit(0))
    if (ROOT / "checkpoints").is_dir():
        checkpoint(ROOT / "checkpoints")
    wait_for(parameters)
    if "fail" in parameters:
        (ROOT / "output/failure").write_text(parameters["fail"])
        sys.exit(3)
    save(parameters)
    say("loss=0.25; done")


def checkpoint(folder: Path) -> None:
    """Go one step on from the last one there, whose file is removed."""
    steps = sorted(folder.glob("deep/step-*"))
    (folder / "deep").mkdir(exist_ok=True)
    (folder / f"deep/step-{len(steps) and int(steps[-1].name[5:]) + 1}").touch()
    for step in steps:
        step.unlink()


def wait_for(parameters: dict[str, str]) -> None:
    """Sleep, in small steps so that a signal is seen."""
    given = ROOT / "input/data/train/seconds.txt"
    seconds = given.read_text() if given.exists() else parameters.get("seconds", "0")
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        time.sleep(0.01)


def save(parameters: dict[str, str]) -> None:
    files = sorted((ROOT / "input/data").rglob("*"))
    content = {
        "answer": parameters.get("answer", ""),
        "mode": parameters.get("mode", "well"),
        "read": {
            str(path.relative_to(ROOT / "input/data")): path.read_text()
            for path in files
            if path.is_file()
        },
        "modes": {
            str(path.relative_to(ROOT / "input/data")): oct(path.stat().st_mode & 0o777)
            for path in files
            if path.is_file()
        },
        "resources": json.loads(
            (ROOT / "input/config/resourceconfig.json").read_text()
        ),
        "inputs": json.loads((ROOT / "input/config/inputdataconfig.json").read_text()),
    }
    (ROOT / "model/weights.json").write_text(json.dumps(content))
    (ROOT / "output/data/notes.txt").write_text("notes")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    model: ClassVar[dict[str, str]] = {}
    #: Fails its pings from now on.
    sick: ClassVar[bool] = False

    def do_GET(self) -> None:
        self.answer(503 if self.sick else 200, b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if body == b"die":
            os._exit(1)
        if body == b"sicken":
            Handler.sick = True
        if body.startswith(b"sleep "):
            time.sleep(float(body.split()[1]))
        status = int(body.split()[1]) if body.startswith(b"status ") else 200
        said = {
            "answer": self.model["answer"],
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "writable": writable(ROOT / "model/weights.json"),
            "length": len(body),
            "host": socket.gethostname(),
            "address": socket.gethostbyname(socket.gethostname()),
            "credentials": [name for name in os.environ if name.startswith("AWS_")],
        }
        self.answer(status, json.dumps(said).encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", "from-container")
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        say(self.requestline)


def writable(path: Path) -> bool:
    return bool(path.stat().st_mode & 0o222) and os.access(path, os.W_OK)


def serve() -> None:
    model = json.loads((ROOT / "model/weights.json").read_text())
    if model["mode"] == "crash":
        sys.exit(7)
    Handler.model = model
    host = os.environ.get("SLIPWAY_BIND_ADDRESS", "0.0.0.0")  # noqa: S104  # a container's
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    server = ThreadingHTTPServer((host, port), Handler)
    stop = threading.Thread(target=server.shutdown)
    signal.signal(signal.SIGTERM, lambda *_: stop.start())
    server.serve_forever()


if __name__ == "__main__":
    {"process": process, "train": train, "serve": serve}[sys.argv[1]]()
