"""Ports of this machine: chosen by a variable, refused where something has them."""

import errno
import os
import socket

from slipway.errors import InvalidRequestError, UnavailableError

_HIGHEST = 65535


def chosen_port(variable: str, usual: int) -> int:
    """Return the port that a variable of the environment names, or the usual one."""
    text = os.environ.get(variable) or str(usual)
    if text.isdecimal() and 0 < int(text) <= _HIGHEST:
        return int(text)
    message = f"{variable}={text!r} is no port: give a number from 1 to {_HIGHEST}"
    raise InvalidRequestError(message)


def check_port_is_free(port: int, variable: str, *, owner: str = "") -> None:
    """Refuse a port that something has; `owner` says whose it is, where that is known."""
    reason = owner or _why_not_free(port)
    if reason:
        free = port + 1 if port < _HIGHEST else port - 1
        message = f"Port {port} {reason}. Another port: {variable}={free}"
        raise UnavailableError(message)


def _why_not_free(port: int) -> str:
    """Return why nobody can listen on `port` now; empty: somebody can."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is taken by something that this checkout did not start"
            return f"cannot be used: {error.strerror}"
    return ""
