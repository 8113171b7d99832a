"""Workloads as processes of this machine, each in a private folder."""

import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from slipway.errors import SlipwayError
from slipway.sagemaker_local.executors import shim
from slipway.sagemaker_local.executors.contract import (
    Collected,
    Condition,
    Entry,
    ImageMissingError,
    ImageReplacedError,
    Workload,
    below_root,
    check_handle,
)
from slipway.sagemaker_local.executors.process_images import load_image
from slipway.sagemaker_local.executors.supervision import (
    condition_of,
    is_held,
    kill_orphan,
    signal_shim,
    wait_for_shim,
)

_PIECE = 256 * 1024
_START_TIMEOUT, _KILL_PAUSE = 30.0, 1.0
_LOOPBACK = "127.0.0.1"
#: All that a job sees of the server's own environment.
_INHERITED = ("PATH", "LANG", "LC_ALL", "TZ")


class ProcessExecutor:
    """Runs each workload as a process group of its own, below a shim."""

    name = "process"

    def __init__(self, folder: Path, images: Path) -> None:
        self._folder = folder
        self._images = images
        self._shims: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def digest(self, uri: str) -> str | None:
        """Return the digest of an image's content; None where it is not here."""
        try:
            return load_image(self._images, uri).digest
        except ImageMissingError:
            return None

    def create(self, handle: str, workload: Workload, entries: Iterable[Entry]) -> None:
        """Lay a workload out; an unknown image is an ImageMissingError."""
        image = load_image(self._images, workload.image)
        if workload.image_digest not in {"", image.digest}:
            message = (
                f"{workload.image} is {image.digest} now, and was resolved to"
                f" {workload.image_digest}: its tag was written over. Update the"
                " endpoint to have another resolved."
            )
            raise ImageReplacedError(message)
        folder = self._folder / check_handle(handle)
        for name in ("root", "home", "tmp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        fixed = [folder / "root/model"] if workload.serves else []
        for entry in entries:
            target = folder / "root" / below_root(entry.path)
            _lay_out(target, entry)
            if entry.read_only and entry.content is None:
                fixed.append(target)
        for each in fixed:
            _make_read_only(each)
        workload.log.parent.mkdir(parents=True, exist_ok=True)
        port = _free_port() if workload.serves else None
        argv = [*(workload.entrypoint or image.entrypoint), *workload.arguments]
        content = {
            "argv": argv,
            "cwd": image.working_dir,
            "environment": {
                **_inherited(),
                **image.environment,
                **workload.environment,
                # Last: without these the folder is not private, and nobody is reached.
                **_own(folder, port),
            },
            "log": str(workload.log),
            "port": port,
        }
        unfinished = folder / ".workload.json"
        unfinished.write_text(json.dumps(content))
        unfinished.rename(folder / "workload.json")

    def start(self, handle: str) -> None:
        """Start a workload that was created; one that was started stays as it is."""
        folder = self._folder / handle
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and script
            [sys.executable, "-I", "-S", shim.__file__, str(folder)],
            cwd="/",
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        with self._lock:
            self._shims[handle] = process
        deadline = time.monotonic() + _START_TIMEOUT
        while not (folder / "supervisor.json").exists():
            if process.poll() is not None or time.monotonic() > deadline:
                message = f"The shim of {handle} did not start; see {folder}"
                raise SlipwayError(message)
            time.sleep(0.001)

    def attach(self, handle: str) -> None:
        """Take up a workload that an earlier server started: its shim needs nobody."""

    def condition(self, handle: str) -> Condition:
        """Return how a workload is."""
        return condition_of(self._folder / handle)

    def wait(self, handle: str, timeout: float | None = None) -> Condition:
        """Return once a workload is over, or when the time is up."""
        seconds = float("inf") if timeout is None else timeout
        wait_for_shim(self._folder / handle, time.monotonic() + seconds)
        with self._lock:
            process = self._shims.get(handle)
            if process is not None and process.poll() is not None:
                del self._shims[handle]
        return self.condition(handle)

    def stop(self, handle: str, grace: float) -> None:
        """Send SIGTERM, wait for so many seconds, and send SIGKILL."""
        folder = self._folder / handle
        signal_shim(folder, signal.SIGTERM)
        if not self.wait(handle, grace).over:
            self._kill(handle)

    def address(self, handle: str) -> tuple[str, int] | None:
        """Return where a serving workload listens."""
        try:
            content = json.loads((self._folder / handle / "workload.json").read_bytes())
        except FileNotFoundError:
            return None
        return (_LOOPBACK, content["port"]) if content["port"] else None

    def collect(self, handle: str, folder: str) -> Iterator[Collected]:
        """Yield every regular file below a folder of /opt/ml, by path."""
        top = self._folder / handle / "root" / below_root(folder)
        if top.is_symlink() or not top.exists():
            return
        paths = [top] if top.is_file() else sorted(_regular_files(top))
        for path in paths:
            relative = path.name if path == top else str(path.relative_to(top))
            known = path.stat()
            yield Collected(relative, known.st_size, _read(path), known.st_mtime)

    def remove(self, handle: str) -> None:
        """Remove all that is left of a workload, running or not."""
        folder = self._folder / check_handle(handle)
        self._kill(handle)
        kill_orphan(folder)
        if folder.exists():
            _make_removable(folder)
            # At a shutdown, two may remove it at once.
            with contextlib.suppress(FileNotFoundError):
                shutil.rmtree(folder)

    def handles(self) -> set[str]:
        """Return every handle of this server's state folder."""
        return {path.name for path in self._folder.iterdir()}

    def _kill(self, handle: str) -> None:
        """Have a workload killed, however often a signal comes too early."""
        alive = True
        while alive:
            signal_shim(self._folder / handle, signal.SIGUSR1)
            wait_for_shim(self._folder / handle, time.monotonic() + _KILL_PAUSE)
            alive = is_held(self._folder / handle / "lock")
        self.wait(handle)


def _lay_out(target: Path, entry: Entry) -> None:
    if entry.content is None:
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        for piece in entry.content:
            file.write(piece)


def _inherited() -> dict[str, str]:
    return {name: os.environ[name] for name in _INHERITED if name in os.environ}


def _own(folder: Path, port: int | None) -> dict[str, str]:
    """Return the variables that tell a process its folder and where it listens."""
    private = {
        "HOME": str(folder / "home"),
        "TMPDIR": str(folder / "tmp"),
        "SAGEMAKER_BASE_DIR": str(folder / "root"),
    }
    if port is None:
        return private
    listening = {
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SLIPWAY_BIND_ADDRESS": _LOOPBACK,
    }
    return private | listening


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_LOOPBACK, 0))
        port: int = listener.getsockname()[1]
        return port


def _make_read_only(folder: Path) -> None:
    for top, _, names in os.walk(folder, topdown=False):
        for name in names:
            (Path(top) / name).chmod(0o444)
        Path(top).chmod(0o555)


def _make_removable(folder: Path) -> None:
    for top, _, _ in os.walk(folder):
        if not os.access(top, os.W_OK):
            Path(top).chmod(0o700)


def _regular_files(top: Path) -> Iterator[Path]:
    for folder, _, names in os.walk(top):
        for name in names:
            path = Path(folder) / name
            if stat.S_ISREG(path.lstat().st_mode):
                yield path


def _read(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece
