import errno
import os
import select
import socket
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from slipway.container.serve.listening import retire

CLIENTS = 64
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can filter")


class Crowded(socket.socket):
    """A listening socket that clients try to connect to right before each close."""

    #: Whether the kernel takes socket filters.
    filters = True
    #: Who came last.
    late: tuple[socket.socket, ...] = ()

    def setsockopt(self, level: int, option: int, value: object) -> None:  # type: ignore[override]  # one of its forms
        if not self.filters:
            raise OSError(errno.ENOPROTOOPT, "Protocol not available")
        super().setsockopt(level, option, value)  # type: ignore[arg-type]  # as above

    def close(self) -> None:
        if not self.late:
            self.late = tuple(socket.socket() for _ in range(CLIENTS))
            for client in self.late:
                client.setblocking(False)
                client.connect_ex(self.getsockname())
            if not self.filters:
                for client in self.late:
                    settle(client)
        super().close()


@pytest.fixture
def listener() -> Iterator[Crowded]:
    bound = socket.create_server(("127.0.0.1", 0), backlog=1024)
    with Crowded(fileno=bound.detach()) as found:
        found.setblocking(False)
        yield found
    for client in found.late:
        client.close()


def settle(client: socket.socket) -> None:
    """Wait until a client's kernel knows what became of its connection."""
    select.select([], [client], [])


def error(client: socket.socket) -> str:
    """Return the name of the error that a client meets in the end."""
    settle(client)
    return errno.errorcode[client.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]


def retire_with_a_queue(listener: Crowded) -> int:
    """Retire a socket that clients wait at; return how many of them were answered."""
    address = listener.getsockname()
    with ExitStack() as opened:
        waiting = [
            opened.enter_context(socket.create_connection(address))
            for _ in range(CLIENTS)
        ]

        def answer() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b".")

        retire(listener, answer)
        return sum(client.recv(1) == b"." for client in waiting)


@LINUX
def test_a_socket_that_retires_accepts_who_waits_and_resets_nobody(
    listener: Crowded,
) -> None:
    assert retire_with_a_queue(listener) == CLIENTS
    assert Counter(map(error, listener.late)) == {"ECONNREFUSED": CLIENTS}


def test_without_a_filter_who_waits_is_accepted_and_who_comes_last_is_reset(
    listener: Crowded,
) -> None:
    listener.filters = False

    assert retire_with_a_queue(listener) == CLIENTS
    assert Counter(map(error, listener.late)) == {"ECONNRESET": CLIENTS}


@LINUX
def test_newcomers_are_kept_out_of_every_descriptor_of_a_shared_socket(
    listener: Crowded,
) -> None:
    address = listener.getsockname()
    with socket.socket(fileno=os.dup(listener.fileno())) as shared:
        retire_with_a_queue(listener)
        with socket.socket() as client:
            client.setblocking(False)
            client.connect_ex(address)
            assert select.select([shared], [], [], 0) == ([], [], [])
