"""A container that obeys SageMaker's contract, on AWS and here; standard library only.

`train` does what its hyperparameters say, `process` what its environment says, and
`serve` what the first word of a request says.
"""

import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

ROOT = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))
WEIGHTS = "weights.json"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def end_as_told(wishes: dict[str, str]) -> None:
    """Wait as long as is wished, and end badly where that is wished."""
    end = time.monotonic() + float(wishes.get("seconds", "0"))
    while time.monotonic() < end:
        time.sleep(0.02)
    if "fail" in wishes:
        (ROOT / "output").mkdir(parents=True, exist_ok=True)
        (ROOT / "output/failure").write_text(wishes["fail"])
        sys.exit(3)


def train() -> None:
    config = ROOT / "input/config"
    wishes = json.loads((config / "hyperparameters.json").read_text())
    say(f"loss=0.5; hyperparameters={json.dumps(wishes)}")
    signal.signal(signal.SIGTERM, lambda *_: keep_model(wishes) or sys.exit(0))
    end_as_told(wishes)
    keep_model(wishes)
    say("loss=0.25; done")


def count_up() -> int:
    """Count the jobs that had the same checkpoints; none where there is no folder."""
    folder = ROOT / "checkpoints"
    if not folder.is_dir():
        return 0
    counter = folder / "jobs.txt"
    jobs = int(counter.read_text()) + 1 if counter.is_file() else 1
    counter.write_text(str(jobs))
    return jobs


def keep_model(wishes: dict[str, str]) -> None:
    channels = ROOT / "input/data"
    read = {
        str(path.relative_to(channels)): path.read_text()
        for path in sorted(channels.rglob("*"))
        if path.is_file()
    }
    kept: dict[str, object] = {
        "answer": wishes.get("answer", "fine"),
        "wishes": wishes,
        "read": read,
    }
    kept["jobs"] = count_up()
    kept["arguments"] = sys.argv[1:]
    kept["environment"] = dict(os.environ)
    kept["resources"] = json.loads(
        (ROOT / "input/config/resourceconfig.json").read_text()
    )
    (ROOT / "model" / WEIGHTS).write_text(json.dumps(kept))
    (ROOT / "output/data").mkdir(parents=True, exist_ok=True)
    (ROOT / "output/data/notes.txt").write_text("notes")


def process() -> None:
    say("processing")
    source, target = ROOT / "processing/input", ROOT / "processing/output"
    if "EARLY" in os.environ:
        (target / "early.txt").write_text("early")
    end_as_told({name.lower(): value for name, value in os.environ.items()})
    for path in sorted(source.rglob("*")):
        if path.is_file():
            (target / path.name).write_bytes(path.read_bytes().upper())
    (ROOT / "output/message").write_text("all in capitals")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # One packet an answer: else the client's delayed acknowledgement costs 40 ms.
    wbufsize = -1
    model: ClassVar[dict[str, object]] = {}

    def do_GET(self) -> None:
        found = self.path == "/ping"
        self.answer(200 if found else 404, b"", "text/plain")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        command, _, argument = body.decode(errors="replace").partition(" ")
        if command == "die":
            os._exit(1)
        if command == "sleep":
            time.sleep(float(argument))
        if command == "status":
            self.answer(int(argument), b"as you wished", "text/plain")
        elif self.headers.get("Content-Type", "").startswith("text/csv"):
            self.answer(200, sums(body), "text/csv")
        else:
            said = {
                "answer": self.model.get("answer"),
                "headers": {name.lower(): each for name, each in self.headers.items()},
                "length": len(body),
            }
            self.answer(200, json.dumps(said).encode(), "application/json")

    def answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Amzn-SageMaker-Custom-Attributes", "from-the-container")
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        say(self.requestline)


def sums(body: bytes) -> bytes:
    """Return the sum of each line of numbers; a line that is no numbers is an error."""
    rows = body.decode().split("\n")
    lines = [str(sum(map(float, row.split(",")))) for row in rows if row.strip()]
    return "".join(f"{line}\n" for line in lines).encode()


def serve() -> None:
    weights = ROOT / "model" / WEIGHTS
    Handler.model = json.loads(weights.read_text()) if weights.is_file() else {}
    if Handler.model.get("answer") == "crash":
        sys.exit(7)
    host = os.environ.get("SLIPWAY_BIND_ADDRESS", "0.0.0.0")  # noqa: S104  # a container's
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    server = ThreadingHTTPServer((host, port), Handler)
    stop = threading.Thread(target=server.shutdown)
    signal.signal(signal.SIGTERM, lambda *_: stop.start())
    server.serve_forever()


if __name__ == "__main__":
    {"process": process, "train": train, "serve": serve}[sys.argv[1]]()
