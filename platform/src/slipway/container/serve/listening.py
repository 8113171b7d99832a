"""A listening socket on its way out: newcomers kept out, whoever waits accepted."""

import ctypes
import select
import socket
import struct
from collections.abc import Callable
from typing import Protocol

#: Linux's SO_ATTACH_FILTER, which Python does not name; equal on x86, Arm and POWER.
SO_ATTACH_FILTER = 26
#: What a handshake that had begun gets to end, in milliseconds without a newcomer.
QUIET_MS = 100

#: Classic BPF over the TCP header, as (code, jump if true, jump if false, operand): a
#: segment with SYN and without ACK is dropped, and its sender's kernel sends it again.
_NO_LONE_SYN = (
    (0x30, 0, 0, 13),  # load the byte of the flags
    (0x54, 0, 0, 0x12),  # keep SYN and ACK of them
    (0x15, 0, 1, 0x02),  # is it SYN alone?
    (0x06, 0, 0, 0),  # drop it
    (0x06, 0, 0, 0xFFFFFFFF),  # let the rest through, whole
)


class Listener(Protocol):
    """What is needed of a listening TCP socket; gunicorn's are wrapped ones."""

    def fileno(self) -> int:
        """Return the descriptor."""

    def setsockopt(self, level: int, option: int, value: bytes, /) -> None:
        """Set an option of the socket."""

    def close(self) -> None:
        """Close the descriptor."""


def retire(listener: Listener, accept: Callable[[], object]) -> None:
    """Close `listener` after `accept` was called for each connection that waits.

    A connection that waits when the last process closes the socket is reset, although
    its client was told that it is connected: so none may come between the last accept
    and the close. Where no filter can be attached, that moment stays.
    """
    quiet = QUIET_MS if keep_newcomers_out(listener) else 0
    waiting = select.poll()
    waiting.register(listener.fileno(), select.POLLIN)
    while waiting.poll(quiet):
        accept()
    listener.close()


def keep_newcomers_out(listener: Listener) -> bool:
    """Drop what would open a connection to `listener`, in every process that shares it.

    A client meets a closed port, or another instance, when its kernel tries again.
    Return whether the kernel took the filter: only Linux knows it.
    """
    code = ctypes.create_string_buffer(
        b"".join(struct.pack("=HBBI", *instruction) for instruction in _NO_LONE_SYN)
    )
    program = struct.pack("HP", len(_NO_LONE_SYN), ctypes.addressof(code))
    try:
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
    except OSError:
        return False
    return True
