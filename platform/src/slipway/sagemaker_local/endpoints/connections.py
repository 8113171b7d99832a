"""Kept connections to one container, and the requests that go over them.

urllib3 would take most of the time that the server adds to an invocation.
"""

import contextlib
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from slipway.errors import SlipwayError
from slipway.sagemaker_local.endpoints.answers import Answer, NotHttpError, read_answer

#: Connections that are kept while nobody uses them.
_KEPT = 32
_PIECE = 256 * 1024


class NotConnectedError(SlipwayError):
    """No connection came about: the container saw nothing of the request."""


class TimedOutError(SlipwayError):
    """The container did not answer in time."""


class BrokenError(SlipwayError):
    """The connection broke, or what came over it is not HTTP."""


@dataclass(frozen=True)
class Limits:
    """How long a request may take, in seconds."""

    connect: float
    #: Without a byte from the container.
    read: float


class Connections:
    """Connections to one address; each carries one request at a time."""

    def __init__(self, host: str, port: int) -> None:
        self._address = (host, port)
        self._idle: list[_Connection] = []
        self._lock = Lock()
        self._closed = False

    def post(
        self, path: str, body: bytes, headers: Mapping[str, str], limits: Limits
    ) -> Answer:
        """Return the answer to a POST, whole."""
        request = self._head(path, len(body), headers) + body
        connection = self._taken(limits)
        try:
            answer = connection.exchange(request)
        except BlockingIOError as error:
            connection.close()
            message = f"No answer within {limits.read:g} seconds"
            raise TimedOutError(message) from error
        except (OSError, NotHttpError) as error:
            connection.close()
            raise BrokenError(str(error) or type(error).__name__) from error
        self._put_back(connection, stays=answer.stays)
        return answer

    def close(self) -> None:
        """Close what is idle now, and keep nothing any more."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _head(self, path: str, size: int, headers: Mapping[str, str]) -> bytes:
        host, port = self._address
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {host}:{port}",
            "Accept-Encoding: identity",
            f"Content-Length: {size}",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _taken(self, limits: Limits) -> "_Connection":
        while (kept := self._kept()) is not None:
            if kept.is_open():
                return kept
            kept.close()
        try:
            opened = socket.create_connection(self._address, limits.connect)
        except OSError as error:
            # Too late is not at all: what no container took can go to another.
            raise NotConnectedError(str(error)) from error
        return _Connection(opened, limits.read)

    def _kept(self) -> "_Connection | None":
        with self._lock:
            return self._idle.pop() if self._idle else None

    def _put_back(self, connection: "_Connection", *, stays: bool) -> None:
        with self._lock:
            if stays and not self._closed and len(self._idle) < _KEPT:
                self._idle.append(connection)
                return
        connection.close()


class _Connection:
    """One socket, and what was read ahead from it.

    The kernel keeps the time: each call that Python itself may interrupt lets every other
    thread in, and eight clients then wait for each other more than for the container.
    """

    def __init__(self, opened: socket.socket, seconds: float) -> None:
        opened.settimeout(None)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            opened.setsockopt(socket.SOL_SOCKET, option, limit)
        self._socket = opened
        self._source = _Source(opened)

    def exchange(self, request: bytes) -> Answer:
        """Send a request and read its answer."""
        # An answer may come before the whole request was read.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(request)
        return read_answer(self._source)

    def is_open(self) -> bool:
        """Say whether the container has neither closed it nor spoken unasked."""
        try:
            self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class _Source:
    """A socket's bytes, by lines and by sizes."""

    def __init__(self, opened: socket.socket) -> None:
        self._socket = opened
        self._ahead = b""

    def readline(self, size: int) -> bytes:
        """Return a line with its end; less of it at `size` bytes or the end of all."""
        while (end := self._ahead.find(b"\n") + 1) == 0 and len(self._ahead) < size:
            if not self._fill():
                end = len(self._ahead)
                break
        return self._cut(min(end or size, size))

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, or all to the end where there are not."""
        if 0 <= size <= len(self._ahead):
            return self._cut(size)
        pieces, have = [self._ahead], len(self._ahead)
        self._ahead = b""
        while size < 0 or have < size:
            piece = self._socket.recv(_PIECE if size < 0 else min(_PIECE, size - have))
            if not piece:
                break
            pieces.append(piece)
            have += len(piece)
        return b"".join(pieces)

    def _fill(self) -> bool:
        piece = self._socket.recv(_PIECE)
        self._ahead += piece
        return bool(piece)

    def _cut(self, size: int) -> bytes:
        cut, self._ahead = self._ahead[:size], self._ahead[size:]
        return cut
