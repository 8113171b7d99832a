"""A full disk is told in one way, whichever service is asked."""

import errno
import json

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from slipway.sagemaker_local.autoscaling.app import AUTO_SCALING
from slipway.sagemaker_local.cloudwatch import app as cloudwatch
from slipway.sagemaker_local.control_plane import SAGEMAKER
from slipway.sagemaker_local.faults import StorageFullError
from slipway.sagemaker_local.logs.app import LOGS
from slipway.sagemaker_local.protocol import JsonFront

#: By service: an operation, and a request of it that is taken.
ASKED = {
    SAGEMAKER: ("ListModels", b"{}"),
    LOGS: ("DescribeLogGroups", b"{}"),
    AUTO_SCALING: ("DescribeScalableTargets", b'{"ServiceNamespace": "sagemaker"}'),
}
FULL = [
    StorageFullError("database or disk is full"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EDQUOT, "Disk quota exceeded"),
]


def request(target, body, content_type="application/x-amz-json-1.1"):
    built = EnvironBuilder(
        method="POST",
        headers={"X-Amz-Target": target},
        content_type=content_type,
        data=body,
    )
    return Request(built.get_environ())


def said(answer):
    return json.loads(answer.get_data())


def failing(error):
    def carry_out(*_):
        raise error

    return carry_out


@pytest.mark.parametrize("error", FULL, ids=["a database", "a disk", "a quota"])
@pytest.mark.parametrize("service", ASKED, ids=lambda service: service.name)
def test_a_full_disk_is_answered_in_awss_form(service, error):
    operation, body = ASKED[service]
    front = JsonFront(service, failing(error))
    answer = front(request(f"{service.target}.{operation}", body), "eu-west-1")

    assert answer.status_code == 507
    assert said(answer)["__type"] == "InsufficientStorage"
    assert said(answer)["Message"].startswith("No space is left in the server's state")
    assert answer.headers["x-amzn-ErrorType"] == "InsufficientStorage"
    assert answer.headers["x-amzn-RequestId"]


@pytest.mark.parametrize("error", FULL, ids=["a database", "a disk", "a quota"])
def test_cloudwatch_answers_a_full_disk_as_the_others_do(monkeypatch, error):
    monkeypatch.setitem(cloudwatch.HANDLERS, "ListMetrics", failing(error))
    front = cloudwatch.CloudWatchApp(None)
    target = "GraniteServiceVersion20100801.ListMetrics"
    asked = request(target, b"{}", "application/x-amz-json-1.0")
    answer = front(asked, "eu-west-1")

    assert answer.status_code == 507
    assert "InsufficientStorage" in said(answer)["__type"]


@pytest.mark.parametrize("service", ASKED, ids=lambda service: service.name)
def test_a_fault_of_the_server_is_answered_without_a_trace(service):
    operation, body = ASKED[service]
    front = JsonFront(service, failing(ValueError("a secret of the server's")))
    answer = front(request(f"{service.target}.{operation}", body), "eu-west-1")

    assert answer.status_code == 500
    assert said(answer)["__type"] == service.crash
    assert "secret" not in answer.get_data(as_text=True)
