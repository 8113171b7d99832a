"""Workloads as containers of a Docker daemon, with nothing of this machine in them."""

import contextlib
import logging
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import docker
import requests
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.types import Mount

from slipway.sagemaker_local.archives import tar
from slipway.sagemaker_local.executors.contract import (
    Collected,
    Condition,
    Entry,
    ImageMissingError,
    Phase,
    Workload,
    below_root,
    check_handle,
)
from slipway.sagemaker_local.executors.docker_files import collected
from slipway.sagemaker_local.executors.docker_logs import LogCopy
from slipway.sagemaker_local.executors.docker_network import isolated_network
from slipway.sagemaker_local.executors.instances import limits
from slipway.sagemaker_local.jobs.plan import HOST

_LOG = logging.getLogger(__name__)
STATE_LABEL, HANDLE_LABEL, LOG_LABEL = "slipway.state", "slipway.handle", "slipway.log"
PORT = 8080
MODEL = "/opt/ml/model"
_PIDS = 4096
_LOG_TIMEOUT = 10.0
_RETRY_PAUSE = 0.5
#: A shell's code for a program that cannot be run.
_NOT_RUN = 127
_FILL = "-fill"


class DockerExecutor:
    """Runs each workload as a container named by its handle."""

    name = "docker"

    def __init__(self, client: docker.APIClient, state_id: str) -> None:
        self._api = client
        self._state_id = state_id
        self._cpus = int(client.info()["NCPU"])
        self._lock = Lock()
        self._logs: dict[str, LogCopy] = {}

    def digest(self, uri: str) -> str | None:
        """Return the digest of an image's content; None where it is not here."""
        try:
            return str(self._inspect_image(uri)["Id"])
        except NotFound:
            return None

    def create(self, handle: str, workload: Workload, entries: Iterable[Entry]) -> None:
        """Lay a workload out; an unknown image is an ImageMissingError."""
        check_handle(handle)
        laid_out = ((below_root(entry.path), entry)[1] for entry in entries)
        try:
            if workload.serves:
                self._create_volume(handle, workload, laid_out)
            self._create_container(handle, workload)
        except ImageNotFound as error:
            message = f"The Docker daemon has no image {workload.image!r}"
            raise ImageMissingError(message) from error
        if not workload.serves:
            self._api.put_archive(handle, "/", tar(laid_out, shared=True))

    def start(self, handle: str) -> None:
        """Start a workload that was created; one that was started stays as it is."""
        if self._inspect(handle)["State"]["Status"] != "created":
            return
        try:
            self._api.start(handle)
        except APIError as error:
            # The daemon keeps why, and condition() says so.
            _LOG.warning("container_not_started handle=%s: %s", handle, error)
        self.attach(handle)

    def attach(self, handle: str) -> None:
        """Take up a workload that an earlier server started."""
        labels = self._inspect(handle)["Config"]["Labels"]
        with self._lock:
            if handle not in self._logs:
                log = Path(labels[LOG_LABEL])
                self._logs[handle] = LogCopy(self._api, handle, log)

    def condition(self, handle: str) -> Condition:
        """Return how a workload is."""
        try:
            state = self._inspect(handle)["State"]
        except NotFound:
            return Condition(Phase.LOST)
        return _condition(state)

    def wait(self, handle: str, timeout: float | None = None) -> Condition:
        """Return once a workload is over, or when the time is up."""
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if deadline is None else deadline - time.monotonic()
            if left is not None and left <= 0:
                return self.condition(handle)
            if self._ended_within(handle, left):
                break
        with self._lock:
            copy = self._logs.pop(handle, None)
        if copy is not None:
            copy.finish(_LOG_TIMEOUT)
        return self.condition(handle)

    def stop(self, handle: str, grace: float) -> None:
        """Send SIGTERM, wait for so many seconds, and send SIGKILL."""
        with contextlib.suppress(NotFound):
            self._api.stop(handle, timeout=round(grace))

    def address(self, handle: str) -> tuple[str, int] | None:
        """Return where a serving workload listens."""
        try:
            ports = self._inspect(handle)["NetworkSettings"]["Ports"]
        except NotFound:
            return None
        bindings = ports.get(f"{PORT}/tcp") or []
        for binding in bindings:
            return binding["HostIp"], int(binding["HostPort"])
        return None

    def collect(self, handle: str, folder: str) -> Iterator[Collected]:
        """Yield every regular file below a folder of /opt/ml, by path."""
        below_root(folder)
        return collected(self._api, handle, folder)

    def remove(self, handle: str) -> None:
        """Remove all that is left of a workload, running or not."""
        for name in (handle, handle + _FILL):
            with contextlib.suppress(NotFound):
                self._api.remove_container(name, v=True, force=True)
        with self._lock:
            copy = self._logs.pop(handle, None)
        if copy is not None:
            copy.finish(_LOG_TIMEOUT)
        with contextlib.suppress(NotFound):
            self._api.remove_volume(handle, force=True)

    def handles(self) -> set[str]:
        """Return every handle of this server's state folder."""
        mine = {"label": f"{STATE_LABEL}={self._state_id}"}
        containers = self._api.containers(all=True, filters=mine)
        volumes = self._api.volumes(filters=mine)["Volumes"] or []
        labels = [each["Labels"] for each in (*containers, *volumes)]
        return {each[HANDLE_LABEL] for each in labels}

    def _inspect_image(self, uri: str) -> Mapping[str, Any]:
        inspect: Any = self._api.inspect_image
        content: Mapping[str, Any] = inspect(uri)
        return content

    def _inspect(self, handle: str) -> Mapping[str, Any]:
        content: Mapping[str, Any] = self._api.inspect_container(handle)
        return content

    def _ended_within(self, handle: str, seconds: float | None) -> bool:
        """Wait for a container's end, or for an answer that says nothing."""
        try:
            self._api.wait(
                handle, timeout=None if seconds is None else math.ceil(seconds)
            )
        except NotFound:
            return True
        except (requests.Timeout, requests.ConnectionError):
            pass
        except DockerException as error:
            _LOG.warning("wait_failed handle=%s: %s", handle, error)
            time.sleep(_RETRY_PAUSE)
        return self.condition(handle).over

    def _labels(self, handle: str) -> dict[str, str]:
        return {STATE_LABEL: self._state_id, HANDLE_LABEL: handle}

    def _create_volume(
        self, handle: str, workload: Workload, entries: Iterable[Entry]
    ) -> None:
        """Fill a volume through a container that never starts."""
        labels = self._labels(handle)
        self._api.create_volume(handle, labels=labels)
        mount = Mount(MODEL, handle, type="volume", no_copy=True)
        self._api.create_container(
            workload.image_digest or workload.image,
            name=handle + _FILL,
            labels=labels,
            host_config=self._api.create_host_config(mounts=[mount]),
            use_config_proxy=False,
        )
        self._api.put_archive(handle + _FILL, "/", tar(entries))
        self._api.remove_container(handle + _FILL)

    def _create_container(self, handle: str, workload: Workload) -> None:
        bound = limits(workload.instance_type)
        host: dict[str, Any] = {
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges"],
            "pids_limit": _PIDS,
            "mem_limit": bound.memory,
            "memswap_limit": bound.memory,
            "nano_cpus": min(bound.cpus, self._cpus) * 10**9,
            "network_mode": self._network(workload),
        }
        if workload.serves:
            mount = Mount(MODEL, handle, type="volume", read_only=True)
            host |= {"mounts": [mount], "port_bindings": {PORT: ("127.0.0.1", None)}}
        self._api.create_container(
            workload.image_digest or workload.image,
            command=list(workload.arguments) or None,
            entrypoint=list(workload.entrypoint) if workload.entrypoint else None,
            environment=dict(workload.environment),
            hostname=None
            if host["network_mode"] == "host"
            else workload.hostname or HOST,
            labels=self._labels(handle) | {LOG_LABEL: str(workload.log)},
            name=handle,
            ports=[PORT] if workload.serves else None,
            host_config=self._api.create_host_config(**host),
            use_config_proxy=False,
        )

    def _network(self, workload: Workload) -> str:
        if workload.serves:
            return isolated_network(self._api) if workload.isolated else "bridge"
        return "none" if workload.isolated else "host"


def _condition(state: Mapping[str, Any]) -> Condition:
    status, code = state["Status"], int(state["ExitCode"])
    error = str(state.get("Error", ""))
    if status == "created":
        if code:
            return Condition(Phase.EXITED, code or _NOT_RUN, error=error)
        return Condition(Phase.CREATED)
    if status in ("exited", "dead"):
        return Condition(
            Phase.EXITED, code, out_of_memory=bool(state["OOMKilled"]), error=error
        )
    return Condition(Phase.RUNNING)
