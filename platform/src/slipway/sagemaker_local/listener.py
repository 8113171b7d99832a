"""The socket that the server listens on."""

import errno
import socket

from slipway.errors import InvalidRequestError

_BACKLOG = 512


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; a taken port or no address is InvalidRequestError."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            message = f"{host!r} is no IPv4 address of this machine. Change --host"
            raise InvalidRequestError(message) from error
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        message = (
            f"Port {port} of {host} is taken. Stop what listens there, or choose "
            "another with --port"
        )
        raise InvalidRequestError(message) from error
    return listener
