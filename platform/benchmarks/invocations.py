"""What an invocation through the server costs beside one of the container itself.

    python platform/benchmarks/invocations.py

Two equal containers, one behind an endpoint and one alone, asked in turns over kept
connections, in bytes. First by one client, then by eight that never pause. The container
of a small model, as Slipway serves every model, runs as a process; one that does nothing but
answer runs on each executor that is here, and says what the server itself can carry.
"""

import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from promises import Promises, say, timed
from serving import CLIENTS, Container, Serving, at_once, executors, of_a_model

from slipway.sagemaker_local.executors.choice import Choice

TURNS, ROUNDS, ROUND = 500, 5, 2.0
#: What was promised: seconds at the median, and a share of the throughput.
MOST_BEYOND, LEAST_SHARE = 0.002, 0.5


class Client:
    """One kept connection that asks for the same again and again."""

    def __init__(self, url: str, path: str, container: Container) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: "
            f"{container.content_type}\r\n"
            "Authorization: AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/sagemaker"
            "/aws4_request, SignedHeaders=host, Signature=0\r\n"
            f"Content-Length: {len(container.body)}\r\n\r\n"
        )
        self._request = head.encode() + container.body

    def ask(self) -> None:
        """Send the request, and read the whole of an answer of 200."""
        self._socket.sendall(self._request)
        answer = self._socket.recv(65536)
        while b"\r\n\r\n" not in answer:
            answer += self._socket.recv(65536)
        head, _, content = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            sys.exit(answer.decode(errors="replace"))
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        while len(content) < int(length):
            content += self._socket.recv(65536)

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


Target = tuple[str, str, Container]


def beyond(direct: Target, through: Target) -> tuple[float, float]:
    """Return the median seconds of each side, asked in turns."""
    clients = [Client(*direct), Client(*through)]
    for client in clients * 50:
        client.ask()
    pairs = [[timed(client.ask) for client in clients] for _ in range(TURNS)]
    for client in clients:
        client.close()
    one, other = (statistics.median(side) for side in zip(*pairs, strict=True))
    return one, other


def throughput(target: Target) -> float:
    """Return the requests a second of clients that never pause."""
    counts: list[int] = []
    end = time.monotonic() + ROUND

    def ask() -> None:
        client, count = Client(*target), 0
        while time.monotonic() < end:
            client.ask()
            count += 1
        client.close()
        counts.append(count)

    threads = [threading.Thread(target=ask) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / ROUND


def measure(what: str, serving: Serving, promises: Promises, *, judged: bool) -> None:
    """Measure one container, and judge what it costs; where asked, what it carries."""
    serving.config("asked", 1)
    serving.endpoint("asked", "asked")
    path = "/endpoints/asked/invocations"
    through = (serving.server.url, path, serving.container)
    with serving.alone() as url:
        direct = (url, "/invocations", serving.container)
        one, other = beyond(direct, through)
        rounds = [(throughput(direct), throughput(through)) for _ in range(ROUNDS)]
    share = statistics.median(behind / alone for alone, behind in rounds)
    most, least = (statistics.median(side) for side in zip(*rounds, strict=True))
    promises.judge(
        other - one <= MOST_BEYOND,
        f"{what}: p50 {other * 1e3:.2f} ms, {(other - one) * 1e3:.2f} ms more than "
        f"the container's own {one * 1e3:.2f} ms (promised: at most "
        f"{MOST_BEYOND * 1e3:g} ms)",
    )
    carried = (
        f"{what}: {CLIENTS} clients, {least:,.0f} requests a second, {share:.2f} x the "
        f"container's own {most:,.0f}"
    )
    if judged:
        promised = f"(promised: at least {LEAST_SHARE:g})"
        promises.judge(share >= LEAST_SHARE, f"{carried} {promised}")
    else:
        say(f"       {carried}")


def main() -> int:
    """Measure; return 1 where a promise is broken."""
    promises = Promises()
    load = ", ".join(f"{each:.1f}" for each in psutil.getloadavg())
    say(f"{psutil.cpu_count()} CPUs, load over 1, 5 and 15 minutes {load}")
    runs: list[tuple[Choice, str, Callable[[Path], Container]]] = [
        ("process", "a model's container", of_a_model)
    ]
    runs += [(kind, "answers at once", at_once) for kind in executors()]
    for kind, what, made in runs:
        with tempfile.TemporaryDirectory() as temporary:
            top = Path(temporary)
            serving = Serving(kind, top, made(top))
            name = f"{kind:<8} {what:<19}"
            try:
                measure(name, serving, promises, judged=made is of_a_model)
            finally:
                serving.server.stop()
    return promises.exit_code


if __name__ == "__main__":
    sys.exit(main())
