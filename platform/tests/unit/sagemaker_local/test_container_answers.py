import io
import socket
import threading
from http.client import HTTPResponse

import pytest

from slipway.sagemaker_local.endpoints.answers import NotHttpError, read_answer
from slipway.sagemaker_local.endpoints.connections import (
    BrokenError,
    Connections,
    Limits,
    NotConnectedError,
    TimedOutError,
)
from slipway.testing.waiting import wait_until

LIMITS = Limits(connect=5, read=5)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
#: Raw answers, and whether the connection stays.
ANSWERS = {
    "of a known length": (OK, True),
    "that closes": (
        b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 2\r\n\r\nhi",
        False,
    ),
    "in chunks": (
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"3;a=b\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
        ),
        True,
    ),
    "until the end": (b"HTTP/1.1 200 OK\r\n\r\nall of it", False),
    "of HTTP 1.0": (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", False),
    "of HTTP 1.0 that stays": (
        b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
        True,
    ),
    "after a hint": (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, True),
    "without content": (b"HTTP/1.1 204 No Content\r\n\r\n", True),
    "without a reason": (b"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", True),
    "with bare line ends": (b"HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", True),
    "with odd headers": (
        b"HTTP/1.1 200 OK\r\nX-A:b:c\r\nx-e:\r\nContent-Length:2\r\n\r\nhi",
        True,
    ),
}


class Wire:
    """What http.client takes for a socket."""

    def __init__(self, raw):
        self._raw = raw

    def makefile(self, _mode):
        return io.BytesIO(self._raw)


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_read_as_the_standard_library_reads_it(name):
    raw, stays = ANSWERS[name]
    known = HTTPResponse(Wire(raw), method="POST")
    known.begin()

    answer = read_answer(io.BytesIO(raw))

    assert answer.status == known.status
    assert answer.data == known.read()
    assert answer.headers == {key.lower(): value for key, value in known.getheaders()}
    assert answer.stays is stays


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"nonsense\r\n\r\n",
        b"HTTP/2.0 200 OK\r\n\r\n",
        b"HTTP/1.1 20 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhi\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhix\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 201 + b"\r\n",
    ],
)
def test_what_is_no_answer_is_refused(raw):
    with pytest.raises(NotHttpError):
        read_answer(io.BytesIO(raw))


class Container:
    """Takes connections, and does with each what it is told to."""

    def __init__(self, *doings):
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        #: Connections that it has closed.
        self.closed = 0
        self._thread = threading.Thread(target=self._serve, args=(doings,))
        self._thread.start()

    def _serve(self, doings):
        for doing in doings:
            connection, _ = self._listener.accept()
            with connection:
                doing(connection)
            self.closed += 1

    def close(self):
        self._thread.join(10)
        self._listener.close()


def answers(times):
    def doing(connection):
        for _ in range(times):
            connection.recv(65536)
            connection.sendall(OK)

    return doing


def test_a_connection_is_used_again():
    container = Container(answers(3))
    connections = Connections("127.0.0.1", container.port)

    said = [connections.post("/", b"x", {}, LIMITS).data for _ in range(3)]

    connections.close()
    container.close()
    assert said == [b"hi"] * 3


def test_a_connection_that_was_closed_meanwhile_is_replaced():
    container = Container(answers(1), answers(1))
    connections = Connections("127.0.0.1", container.port)

    first = connections.post("/", b"x", {}, LIMITS)
    wait_until(lambda: container.closed, seconds=10)
    second = connections.post("/", b"x", {}, LIMITS)

    connections.close()
    container.close()
    assert first.data == second.data == b"hi"


def test_a_refusal_before_the_end_of_the_request_is_read():
    def refuses(connection):
        connection.sendall(b"HTTP/1.1 413 No\r\nConnection: close\r\n\r\ntoo much")
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass

    container = Container(refuses)
    connections = Connections("127.0.0.1", container.port)

    answer = connections.post("/", bytes(4_000_000), {}, LIMITS)

    container.close()
    assert (answer.status, answer.data) == (413, b"too much")


def test_a_container_that_hangs_up_has_broken_the_connection():
    container = Container(lambda connection: connection.recv(10))
    connections = Connections("127.0.0.1", container.port)

    with pytest.raises(BrokenError):
        connections.post("/", b"x", {}, LIMITS)

    container.close()


def test_a_container_that_says_nothing_is_not_waited_for_longer_than_the_limit():
    done = threading.Event()
    container = Container(lambda _: done.wait(10))
    connections = Connections("127.0.0.1", container.port)

    with pytest.raises(TimedOutError):
        connections.post("/", b"x", {}, Limits(connect=5, read=0.1))

    done.set()
    container.close()


def test_nobody_there_is_not_connected():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(NotConnectedError):
        Connections("127.0.0.1", port).post("/", b"x", {}, LIMITS)


def test_a_connection_that_is_not_taken_in_time_is_none(monkeypatch):
    def late(_address, _seconds):
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", late)

    with pytest.raises(NotConnectedError):
        Connections("127.0.0.1", 1).post("/", b"x", {}, LIMITS)
