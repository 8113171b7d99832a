"""Requests to the container of a transform job."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from threading import Event
from typing import IO

import urllib3

from slipway.sagemaker_local.endpoints.instance import PING_TIMEOUT, Instance
from slipway.sagemaker_local.jobs.transform.faults import (
    CancelledError,
    ContainerEndedError,
    ObjectFaultError,
)

#: Answers of this size stay in memory, in bytes.
_IN_MEMORY = 1024 * 1024
_PIECE = 256 * 1024
_OK = 200
_LONGEST_MESSAGE = 4096
TIMEOUT, RETRIES = 600, 3
#: Seconds within which a container's end is seen after its connections broke.
_NOTICE, _GLANCE = 1.0, 0.05


@dataclass(frozen=True)
class Asking:
    """How one job's container is asked."""

    instance: Instance
    cancelled: Event
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Of one request, in seconds.
    timeout: int = TIMEOUT
    retries: int = RETRIES

    def execution_parameters(self) -> bytes:
        """Return what the container says of itself; nothing where it does not."""
        timeout = urllib3.Timeout(connect=PING_TIMEOUT, read=PING_TIMEOUT)
        try:
            answer = self.instance.pool.request(
                "GET", "/execution-parameters", timeout=timeout
            )
        except urllib3.exceptions.HTTPError:
            return b""
        return answer.data if answer.status == _OK else b""

    def ask(self, body: bytes) -> IO[bytes]:
        """Return the answer to one request; none in the end is an ObjectFaultError."""
        return self._insisted(lambda: body)

    def stream(self, pieces: Callable[[], Iterable[bytes]]) -> IO[bytes]:
        """Do as `ask`, with a body that is sent in chunks."""
        return self._insisted(pieces)

    def _insisted(self, body: Callable[[], bytes | Iterable[bytes]]) -> IO[bytes]:
        for _ in range(self.retries):
            try:
                return self._asked(body())
            except ObjectFaultError as fault:
                if fault.blame == "ClientError":
                    raise
        return self._asked(body())

    def _asked(self, body: bytes | Iterable[bytes]) -> IO[bytes]:
        if self.cancelled.is_set():
            raise CancelledError
        try:
            answer = self.instance.pool.urlopen(
                "POST",
                "/invocations",
                body=body,
                headers=self.headers,
                timeout=urllib3.Timeout(connect=self.timeout, read=self.timeout),
                chunked=not isinstance(body, bytes),
                preload_content=False,
            )
            with answer:
                content = _spooled(answer.stream(_PIECE))
                answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            raise self._unanswered(error) from error
        if not _OK <= answer.status < _OK + 100:
            raise _refused(answer.status, content)
        return content

    def _unanswered(self, error: urllib3.exceptions.HTTPError) -> Exception:
        if self.cancelled.is_set():
            return CancelledError()
        is_late = isinstance(error, urllib3.exceptions.TimeoutError)
        if self._has_ended(patience=0 if is_late else _NOTICE):
            return ContainerEndedError()
        if is_late:
            message = (
                "Model server did not respond to /invocations request within "
                f"{self.timeout} seconds"
            )
            return ObjectFaultError(message, "AlgorithmError")
        return ObjectFaultError(
            "Unable to get response from algorithm", "AlgorithmError"
        )

    def _has_ended(self, patience: float) -> bool:
        """Tell whether the container has ended: a reset is seen before its end is."""
        until = time.monotonic() + patience
        while not self.instance.notice_end():
            if time.monotonic() >= until or self.cancelled.wait(_GLANCE):
                return False
        return True


def _spooled(pieces: Iterable[bytes]) -> IO[bytes]:
    # Whoever reads the answer closes it.
    file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115  # as above
    for piece in pieces:
        file.write(piece)
    file.seek(0)
    return file


def _refused(status: int, content: IO[bytes]) -> ObjectFaultError:
    with content:
        said = content.read(_LONGEST_MESSAGE).decode(errors="replace")
    if 400 <= status < 500:
        return ObjectFaultError(f"ClientError: {status}\n\nMessage:\n{said}")
    message = f"Bad HTTP status received from algorithm: {status}\n\nMessage:\n{said}"
    return ObjectFaultError(message, "AlgorithmError")
