"""The local server that runs now: what it says of itself, and where it answers."""

from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Literal
from urllib.request import urlopen

import orjson

from slipway.application.state import server_record, server_state
from slipway.settings import Settings


@dataclass(frozen=True)
class Server:
    """A local stack's server, in its own words."""

    port: int
    pid: int
    executor: Literal["docker", "process"]
    #: The folder that it keeps its state in.
    state: str


def server_at(port: int) -> Server | None:
    """Return the server that answers on `port`; None: nothing of Slipway's does."""
    try:
        with urlopen(f"http://127.0.0.1:{port}/_slipway/health", timeout=5) as answer:
            said = orjson.loads(answer.read())
            return Server(port, int(said["pid"]), said["executor"], str(said["state"]))
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None


def own_server(settings: Settings) -> Server | None:
    """Return this checkout's server, on the port that is asked for or another."""
    stack = settings.environment.local_stack
    ports = (stack.port if stack else None, _recorded_port(settings))
    for port in dict.fromkeys(ports):
        server = server_at(port) if port else None
        if server is not None and _is_own(settings, server):
            return server
    return None


def record(settings: Settings, server: Server) -> None:
    """Write down where the server answers: a later command may ask another port."""
    content = orjson.dumps({"port": server.port, "pid": server.pid})
    server_record(settings).write_bytes(content)


def forget(settings: Settings) -> None:
    """Remove what `record` wrote."""
    server_record(settings).unlink(missing_ok=True)


def _recorded_port(settings: Settings) -> int | None:
    try:
        return int(orjson.loads(server_record(settings).read_bytes())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_own(settings: Settings, server: Server) -> bool:
    return Path(server.state).resolve() == server_state(settings).resolve()
