"""What the controller is asked: each request of its REST API as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote


@dataclass(frozen=True)
class Call:
    """A request of the controller's API."""

    method: str
    #: The path below `/v1`, quoted.
    path: str
    body: Mapping[str, Any] | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    #: How long an answer may take.
    seconds: float = 30.0


def open_run(body: Mapping[str, Any]) -> Call:
    """Open the run of `body`'s key, or find the one that was opened with it.

    The first run of a model waits until the controller has built its image.
    """
    return Call("POST", "/runs", body, seconds=600)


def find_run(key: str) -> Call:
    """Find the run that was opened with a key: a list of one, or an empty one."""
    return Call("GET", "/runs", query={"key": key})


def begin_step(run_id: str, step: str, attempt: int) -> Call:
    """Ask that a step be done; one that is under way or done is attached to."""
    return Call("POST", _step(run_id, step), {"attempt": attempt})


def read_step(run_id: str, step: str) -> Call:
    """Read how a step stands."""
    return Call("GET", _step(run_id, step))


def read_logs(run_id: str, step: str, token: str) -> Call:
    """Read what a step's job wrote after `token`; empty: from its first line."""
    query = {"token": token} if token else {}
    return Call("GET", f"{_step(run_id, step)}/logs", query=query)


def stop_step(run_id: str, step: str) -> Call:
    """Stop a step's job."""
    return Call("POST", f"{_step(run_id, step)}/stop")


def read_version(model: str, version: int) -> Call:
    """Read how a model version stands."""
    return Call("GET", f"/versions/{quote(model, safe='')}/{version}")


def end_run(run_id: str, state: str, reason: str = "") -> Call:
    """Say how a run ended."""
    return Call("POST", f"{_run(run_id)}/end", {"state": state, "reason": reason})


def _run(run_id: str) -> str:
    return f"/runs/{quote(run_id, safe='')}"


def _step(run_id: str, step: str) -> str:
    return f"{_run(run_id)}/steps/{quote(step, safe='')}"
