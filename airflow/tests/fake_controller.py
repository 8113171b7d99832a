"""The controller's REST API in memory, on a port of its own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

TOKEN = "fake-token"
MODELS = frozenset({"tumor_malignancy"})
LARGEST_CANARY = 50


@dataclass
class FakeController:
    """Runs and steps in memory; a test says how steps go and reads what was asked."""

    url: str = ""
    #: How often a step is read before it has ended, and how it ends.
    reads: int = 1
    endings: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Every request that was let in: method and path.
    asked: list[tuple[str, str]] = field(default_factory=list)
    runs: dict[str, dict[str, Any]] = field(default_factory=dict)
    steps: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    #: How many jobs were begun, by run and step.
    jobs: dict[tuple[str, str], int] = field(default_factory=dict)
    #: Bodies that runs were opened with.
    opened: list[dict[str, Any]] = field(default_factory=list)
    #: The state of the version that trainings register.
    version: str = "approved"
    #: Requests that are yet to be answered as if the controller were ill.
    ill: int = 0

    def connection(self, token: str = TOKEN) -> str:
        """Return Airflow's connection to it."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        place = {"conn_type": "http", "host": host, "port": int(port)}
        return json.dumps({**place, "password": token})

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Return the status and the body for a request that gave the right token."""
        self.asked.append((method, path))
        if self.ill:
            self.ill -= 1
            return _problem(
                503, "ill", "the database does not answer: wait", again=True
            )
        match path.strip("/").split("/")[1:]:
            case ["runs"]:
                return self._open(body)
            case [found] if found.startswith("runs?key="):
                return 200, self._found(found.removeprefix("runs?key="))
            case ["runs", run_id, "end"]:
                self.runs[run_id] |= body
                return 200, self.runs[run_id]
            case ["runs", run_id, "steps", step]:
                return self._step(method, run_id, step)
            case ["runs", _, "steps", step, "logs", token]:
                return 200, _logs(step, token)
            case ["runs", _, "steps", step, "logs"]:
                return 200, _logs(step, "")
            case ["versions", model, number]:
                return 200, self._version(model, number)
            case ["versions", model, number, "approve" | "reject" as word]:
                self.version = "approved" if word == "approve" else "rejected"
                return 200, self._version(model, number)
            case ["runs", run_id, "steps", step, "stop"]:
                if (run_id, step) not in self.steps:
                    return _problem(404, "not_found", f"{step} was not asked for")
                self.steps[run_id, step] |= {"state": "stopped", "ended": True}
                return 202, self.steps[run_id, step]
        return _problem(404, "not_found", f"there is no {path}")

    def _open(self, body: dict[str, Any]) -> tuple[int, Any]:
        if body["model"] not in MODELS:
            detail = f"there is no model {body['model']!r} in models/"
            return _problem(404, "unknown_model", detail)
        canary = body["config"].get("canary_percent", 1)
        if canary > LARGEST_CANARY:
            detail = f"canary_percent is {canary}: give 1 to {LARGEST_CANARY}"
            return _problem(422, "invalid_request", detail)
        for run in self.runs.values():
            if run["key"] == body["key"]:
                return 200, run
        self.opened.append(body)
        run_id = f"run-{len(self.opened)}"
        self.runs[run_id] = {
            "run_id": run_id,
            "key": body["key"],
            "state": "running",
            "parameters": {"run_date": body.get("logical_date", "")[:10]},
        }
        return 201, self.runs[run_id]

    def _found(self, quoted: str) -> dict[str, Any]:
        key = unquote(quoted)
        items = [run for run in self.runs.values() if run["key"] == key]
        return {"items": items, "next_cursor": None}

    def _step(self, method: str, run_id: str, name: str) -> tuple[int, Any]:
        step = self.steps.get((run_id, name))
        if method == "GET":
            if step is None:
                return _problem(
                    404, "not_found", f"{name} of {run_id} was not asked for"
                )
            self._go_on(step)
            return 200, step
        if step is None or step["state"] in {"failed", "stopped"}:
            self.jobs[run_id, name] = self.jobs.get((run_id, name), 0) + 1
            step = {
                "run_id": run_id,
                "name": name,
                "state": "running",
                "outcome": "",
                "reason": "",
                "retryable": False,
                "ended": False,
                "outputs": {},
                "links": {},
                "operation": None,
                "left": self.reads,
            }
            self.steps[run_id, name] = step
        return 202, step

    def _version(self, model: str, number: str) -> dict[str, Any]:
        judged = {"approved": "reviewed", "rejected": "wrong for children"}
        return {
            "model": model,
            "version": int(number),
            "state": self.version,
            "reason": judged.get(self.version, ""),
        }

    def _go_on(self, step: dict[str, Any]) -> None:
        if step["ended"]:
            return
        step["left"] -= 1
        if step["left"] <= 0:
            done = {"state": "succeeded", "outcome": "succeeded", "ended": True}
            step |= {**done, "outputs": {"step": step["name"]}}
            if step["name"] == "register":
                step["outputs"] = {"version": 3}
            step |= self.endings.get(step["name"], {})


def _logs(step: str, token: str) -> dict[str, Any]:
    """Return the one line that each job writes, and nothing after it."""
    line = {"timestamp": "", "message": f"a line of {step}"}
    return {"events": [] if token else [line], "next_token": "1"}


def _problem(status: int, code: str, detail: str, *, again: bool = False) -> Any:
    return status, {
        "type": "about:blank",
        "title": code,
        "status": status,
        "detail": detail,
        "code": code,
        "retryable": again,
    }


@contextmanager
def running_controller() -> Iterator[FakeController]:
    """Yield a controller that listens on a port of its own."""
    controller = FakeController()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond("GET")

        def do_POST(self) -> None:
            self._respond("POST")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: tests read what was asked."""

        def _respond(self, method: str) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"null")
            path = self.path.replace("?token=", "/")
            if self.headers["Authorization"] == f"Bearer {TOKEN}":
                status, said = controller.answer(method, path, body)
            else:
                status, said = _problem(401, "unauthorized", "give a token")
            content = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    controller.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield controller
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
