"""Airflow on this machine: started component by component, found again, ended."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import psutil

from slipway.application.airflow_api import answers
from slipway.application.airflow_place import (
    COMPONENTS,
    PORT,
    PORT_VARIABLE,
    USER,
    AirflowPlace,
)
from slipway.application.ports import check_port_is_free, chosen_port
from slipway.errors import UnavailableError
from slipway.images.tool import Progress, run_tool

_START_PATIENCE = 300
_STOP_PATIENCE = 30
_POLL = 0.5


def up(place: AirflowPlace, say: Progress) -> tuple[dict[str, int], bool]:
    """Return the process of each component, and whether this call started any.

    A component that died is started again beside those that live.
    """
    running = components(place.record)
    missing = [name for name in COMPONENTS if name not in running]
    if not missing:
        return running, False
    place.log("").parent.mkdir(parents=True, exist_ok=True)
    variables = _variables(place)
    if not running:
        say("making Airflow's tables …")
        tool = place.environment / "bin" / "airflow"
        run_tool([tool, "db", "migrate"], what="Making Airflow's tables", env=variables)
    running |= {name: _start(place, name, variables) for name in missing}
    known = {"port": place.port, "processes": running}
    place.record.write_text(json.dumps(known))
    say("waiting for Airflow …")
    _await(place, running)
    return running, True


def free_port(record: Path) -> int:
    """Return the port of the Airflow that runs, or of one to be started, which is free.

    What components that died left behind is ended first.
    """
    _end(_left_by(record))
    if components(record):
        return int(_recorded(record)["port"])
    port = chosen_port(PORT_VARIABLE, PORT)
    check_port_is_free(port, PORT_VARIABLE)
    return port


def down(record: Path) -> bool:
    """End each component and all that it started; return whether there was one."""
    running = components(record)
    processes = [
        process
        for pid in running.values()
        for process in (psutil.Process(pid), *psutil.Process(pid).children(True))
    ]
    _end([*processes, *_left_by(record)])
    record.unlink(missing_ok=True)
    return bool(running)


def components(record: Path) -> dict[str, int]:
    """Return the components that run, by the record of who started them."""
    known = _processes(record)
    return {name: pid for name, pid in known.items() if _is_airflow(pid)}


def password(place: AirflowPlace) -> str:
    """Return the password that Airflow made for its one user."""
    try:
        said: dict[str, str] = json.loads(place.passwords.read_text())
        return said[USER]
    except (OSError, ValueError, KeyError) as error:
        message = f"Airflow wrote no password to {place.passwords}: invoke airflow.down"
        raise UnavailableError(message) from error


def _start(place: AirflowPlace, name: str, variables: dict[str, str]) -> int:
    tool = place.environment / "bin" / "airflow"
    with place.log(name).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own environment's tool
            [tool, *COMPONENTS[name]],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process.pid


def _variables(place: AirflowPlace) -> dict[str, str]:
    path = f"{place.environment / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    kept = {name: value for name, value in os.environ.items() if "AIRFLOW" not in name}
    return kept | place.variables() | {"PATH": path}


def _await(place: AirflowPlace, started: dict[str, int]) -> None:
    """Return when Airflow answers and each component beats, or raise."""
    deadline = time.monotonic() + _START_PATIENCE
    while not answers(place.url):
        dead = [name for name, pid in started.items() if not _is_airflow(pid)]
        if dead or time.monotonic() > deadline:
            name = dead[0] if dead else "api-server"
            lines = place.log(name).read_text("utf-8", "replace").strip().splitlines()
            reason = lines[-1] if lines else "it wrote nothing"
            down(place.record)
            message = (
                f"Airflow's {name} does not start: {reason}\nIts log: {place.log(name)}"
            )
            raise UnavailableError(message)
        time.sleep(_POLL)


def _is_airflow(pid: int) -> bool:
    """Tell whether the process lives and is the one that was started."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        words = process.cmdline()  # none yet: its program is being loaded
        return not words or any("airflow" in word for word in words)
    except psutil.Error:
        return False


def _recorded(record: Path) -> dict[str, Any]:
    try:
        known: dict[str, Any] = json.loads(record.read_text())
    except (OSError, ValueError):
        return {}
    return known


def _processes(record: Path) -> dict[str, int]:
    return dict(_recorded(record).get("processes", {}))


def _left_by(record: Path) -> list[psutil.Process]:
    """Return what components that are dead left behind.

    Each leads a session: a scheduler that is killed leaves its workers in it, waiting.
    """
    dead = set(_processes(record).values()) - set(components(record).values())
    return [
        process
        for process in psutil.process_iter()
        if _session(process.pid) in dead and _is_airflow(process.pid)
    ]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:  # it ended, or is somebody else's
        return None


def _end(processes: list[psutil.Process]) -> None:
    """End processes, by force those that do not end when asked to."""
    for process in processes:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(processes, timeout=_STOP_PATIENCE)
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=_STOP_PATIENCE)


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        else:
            process.terminate()
    except psutil.NoSuchProcess:
        return
