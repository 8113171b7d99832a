"""The HTTP server: waitress, bounded in memory, with three of its gaps closed."""

import re
import socket
from collections.abc import Callable, Iterable
from typing import Any

import waitress
from waitress.channel import ClientDisconnected, HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask
from waitress.utilities import Error

from slipway.sagemaker_local.faults import is_full

#: Waitress capitalizes the words of every name; clients take metadata as it is.
_METADATA = re.compile(rb"^x-amz-meta-[^:]+:", re.IGNORECASE | re.MULTILINE)
_THREADS = 24
_CONNECTIONS = 400
_RECEIVED_AT_ONCE = 256 * 1024
#: S3's limit for one PutObject, in bytes.
LARGEST_BODY = 5 * 1024**3


class DroppedAnswerError(ClientDisconnected):  # type: ignore[misc]  # waitress has no types
    """Raised by the application: the connection closes without an answer."""


class _NoSpaceError(Error):  # type: ignore[misc]  # as above
    """The answer to a body that the disk cannot take."""

    code = 507
    reason = "Insufficient Storage"

    def to_response(self, ident: str | None = None) -> tuple[str, list[Any], bytes]:
        """Return the answer in S3's form: small bodies never reach the disk."""
        text = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InsufficientStorage'
            f"</Code><Message>No space is left in the state folder of {ident}. Free "
            "some space and send the request again; nothing of it was stored."
            "</Message></Error>"
        )
        headers = [("Content-Type", "application/xml")]
        return f"{self.code} {self.reason}", headers, text.encode()


class _Parser(HTTPRequestParser):  # type: ignore[misc]  # as above
    """Waitress's parser of one request."""

    def received(self, data: bytes) -> int:
        """Take bytes; a body that the disk refuses becomes an answer."""
        try:
            consumed: int = super().received(data)
        except OSError as error:
            if not is_full(error):
                raise
            self.error = _NoSpaceError("")
            self.completed = True
            return len(data)
        if self.completed:
            # Waitress answers `100 Continue` to an empty body, and then waits for it.
            self.expect_continue = False
        return consumed


class _Task(WSGITask):  # type: ignore[misc]  # as above
    """Waitress's answer to one request."""

    wrote_header: bool

    def write(self, data: bytes) -> None:
        """Send the header together with the first bytes of the body.

        Botocore takes a header whose body never comes, from a server that was killed,
        for a success that says nothing.
        """
        if self.wrote_header:
            super().write(data)
            return
        header = self.build_response_header()
        self.wrote_header = True
        if self.content_length is None or not self.has_body:
            self.channel.write_soon(header)
            super().write(data)
            return
        first = data[: self.content_length]
        self.content_bytes_written += len(first)
        self.channel.write_soon(header + first)

    def build_response_header(self) -> bytes:
        """Return the header with the names of S3's metadata in lower case again."""
        header: bytes = super().build_response_header()
        return _METADATA.sub(lambda name: name[0].lower(), header)


class _Channel(HTTPChannel):  # type: ignore[misc]  # as above
    """Waitress's connection."""

    parser_class = _Parser
    task_class = _Task


def new_server(app: Callable[..., Iterable[bytes]], listener: socket.socket) -> Any:
    """Return a server of a WSGI application on a listening socket."""
    server = waitress.create_server(
        app,
        sockets=[listener],
        threads=_THREADS,
        connection_limit=_CONNECTIONS,
        recv_bytes=_RECEIVED_AT_ONCE,
        max_request_body_size=LARGEST_BODY,
        asyncore_use_poll=True,
        ident="slipway",
    )
    server.channel_class = _Channel
    return server
