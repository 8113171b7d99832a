"""A serving container for tests of batch transform; standard library only.

The bodies that it is sent say what to do; `parameters.json` of its model, what it says
of itself.
"""

import json
import os
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import ClassVar

ROOT = Path(os.environ.get("SAGEMAKER_BASE_DIR", "/opt/ml"))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    lock: ClassVar[Lock] = Lock()
    failed: ClassVar[set[bytes]] = set()
    busy: ClassVar[list[int]] = [0, 0]

    def do_GET(self) -> None:
        parameters = ROOT / "model/parameters.json"
        if self.path == "/ping":
            self.answer(200, b"")
        elif self.path == "/execution-parameters" and parameters.exists():
            self.answer(200, parameters.read_bytes())
        else:
            self.answer(404, b"")

    def do_POST(self) -> None:
        body = self.body()
        with self.lock:
            self.busy[0] += 1
            self.busy[1] = max(self.busy)
        said = self.said(body)
        # Before it is answered: the next request may come at once.
        with self.lock:
            self.busy[0] -= 1
        self.answer(*said)

    def said(self, body: bytes) -> tuple[int, bytes]:
        for line in body.split(b"\n"):
            word, _, rest = line.partition(b" ")
            if word == b"sleep":
                time.sleep(float(rest))
            if word == b"meet":
                self.meet(int(rest.split()[0]))
            if word == b"die":
                os._exit(9)
            if word == b"status":
                return int(rest), b"as you say"
            if word == b"once":
                with self.lock:
                    first = body not in self.failed
                    self.failed.add(body)
                if first:
                    return 503, b"not yet"
        if "json" in self.headers.get("Content-Type", ""):
            return 200, b'{"sent":' + body.strip() + b"}"
        if body == b"tell":
            return 200, json.dumps(self.told()).encode()
        return 200, b"\n".join(b"<%s>" % line for line in body.splitlines())

    def meet(self, count: int) -> None:
        """Wait until so many requests have been under way at once."""
        while self.busy[1] < count:
            time.sleep(0.01)

    def told(self) -> dict[str, object]:
        chosen = {n: v for n, v in os.environ.items() if n.startswith("SAGEMAKER_")}
        return {
            "environment": {**chosen, "OWN": os.environ.get("OWN")},
            "accept": self.headers["Accept"],
            "type": self.headers["Content-Type"],
            "writable": os.access(ROOT / "model", os.W_OK) and os.getuid() != 0,
            "most": self.busy[1],
            "address": socket.gethostbyname(socket.gethostname()),
            "credentials": [name for name in os.environ if name.startswith("AWS_")],
        }

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, *_: object) -> None:
        sys.stdout.write(f"{self.requestline}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    host = os.environ.get("SLIPWAY_BIND_ADDRESS", "0.0.0.0")  # noqa: S104  # a container's
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    ThreadingHTTPServer((host, port), Handler).serve_forever()
