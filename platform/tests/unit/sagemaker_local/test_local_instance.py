import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import ClassVar

import pytest
from plain_variant import plain_variant

from slipway.sagemaker_local.endpoints.instance import (
    DownloadTimeoutError,
    FleetFaultError,
    Instance,
    within,
)
from slipway.sagemaker_local.endpoints.plan import InstancePlan
from slipway.sagemaker_local.executors.contract import Condition, Entry, Phase

PLAN = InstancePlan("primary", "serve-1")


class FakeExecutor:
    """Says of its one container what it is told to."""

    def __init__(self, condition, port=1):
        self._condition = condition
        self._port = port

    def condition(self, _handle):
        return self._condition

    def address(self, _handle):
        return "127.0.0.1", self._port


class Handler(BaseHTTPRequestHandler):
    statuses: ClassVar[list[int]] = [503, 503, 200]

    def do_GET(self):
        self.send_response(self.statuses.pop(0))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def instance(condition, timeout, tmp_path, port=1):
    variant = plain_variant(startup_timeout=timeout)
    executor = FakeExecutor(condition, port)
    return Instance(PLAN, variant, executor, tmp_path / "log", ping_fails=lambda: False)


def closed_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def test_a_container_that_never_answers_is_given_up_in_awss_words(tmp_path):
    deaf = instance(Condition(Phase.RUNNING), 0.2, tmp_path, closed_port())

    with pytest.raises(FleetFaultError) as fault:
        deaf.wait_until_ready(Event())

    assert str(fault.value) == (
        "The primary container for production variant primary did not pass the ping "
        "health check. Please check CloudWatch logs for this endpoint."
    )
    assert deaf.ready is False


def test_a_container_that_exits_is_not_waited_for(tmp_path):
    dead = instance(Condition(Phase.EXITED, 7), 3600, tmp_path)

    with pytest.raises(FleetFaultError, match="exited with code 7"):
        dead.wait_until_ready(Event())


def test_a_start_that_is_cancelled_ends(tmp_path):
    cancelled = Event()
    cancelled.set()

    with pytest.raises(FleetFaultError):
        instance(Condition(Phase.RUNNING), 3600, tmp_path).wait_until_ready(cancelled)


def test_only_status_200_is_a_ping(tmp_path):
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        slow = instance(Condition(Phase.RUNNING), 10, tmp_path, port)
        slow.wait_until_ready(Event())
        server.shutdown()

    assert slow.ready
    assert Handler.statuses == []


def test_a_start_has_no_more_time_than_the_deployment(tmp_path):
    deaf = instance(Condition(Phase.RUNNING), 3600, tmp_path, closed_port())

    with pytest.raises(FleetFaultError, match="did not pass the ping health check"):
        deaf.wait_until_ready(Event(), latest=0.0)


def test_model_data_that_comes_in_time_is_laid_out_whole():
    entries = [Entry("/opt/ml/model"), Entry("/opt/ml/model/a", [b"x", b"y"], 2)]

    laid_out = [
        (each.path, each.content and list(each.content))
        for each in within(60, entries, clock=iter([0, 1, 2, 3, 59]).__next__)
    ]

    assert laid_out == [("/opt/ml/model", None), ("/opt/ml/model/a", [b"x", b"y"])]


def test_model_data_that_comes_too_late_is_an_error():
    entries = [Entry("/opt/ml/model/a", [b"x", b"y"], 2)]
    moments = iter([0, 1, 2, 61])
    entry = next(within(60, entries, clock=moments.__next__))

    with pytest.raises(DownloadTimeoutError, match="within ModelDataDownloadTimeout"):
        list(entry.content)
