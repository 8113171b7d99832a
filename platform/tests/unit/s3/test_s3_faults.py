from pathlib import Path

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.stub import Stubber

from slipway.s3.faults import Fault
from slipway.s3.objects import Objects, S3Error
from slipway.s3.uri import S3Uri
from slipway.settings import load_settings

ROOT = Path(__file__).parents[4]
URI = S3Uri("bucket", "key")


@pytest.fixture
def objects():
    return Objects(load_settings(ROOT, "local", {}))


@pytest.fixture
def s3(objects):
    """What S3 answers, in order."""
    with Stubber(objects._client) as made:
        yield made


@pytest.mark.parametrize(
    ("code", "status", "fault"),
    [
        ("AccessDenied", 403, Fault.AUTH),
        ("ExpiredToken", 400, Fault.AUTH),
        ("403", 403, Fault.AUTH),
        ("SlowDown", 503, Fault.RETRYABLE),
        ("InternalError", 500, Fault.AMBIGUOUS),
        ("NoSuchKey", 404, Fault.MISSING),
        ("InvalidArgument", 400, Fault.BAD_REQUEST),
    ],
)
def test_what_s3_refuses_is_classed(objects, s3, code, status, fault):
    s3.add_client_error("get_object", code, "why", http_status_code=status)

    with pytest.raises(S3Error) as caught:
        objects.read(URI)

    assert caught.value.fault is fault
    assert f"s3://bucket/key: {code}: why" in str(caught.value)


@pytest.mark.parametrize(
    ("cause", "fault"),
    [
        (EndpointConnectionError(endpoint_url="http://x"), Fault.RETRYABLE),
        (NoCredentialsError(), Fault.AUTH),
    ],
)
def test_an_s3_that_never_answered_is_classed(objects, monkeypatch, cause, fault):
    def fail(**_request):
        raise cause

    monkeypatch.setattr(objects._client, "put_object", fail)

    with pytest.raises(S3Error, match="s3://bucket/key") as caught:
        objects.write(URI, b"")
    assert caught.value.fault is fault


def test_what_s3_keeps_of_a_delete_is_classed(objects, s3):
    listed = {"Key": "key", "Size": 1, "ETag": "e"}
    kept = {"Key": "key", "Code": "AccessDenied"}

    s3.add_response("list_objects_v2", {"Contents": [listed]})
    s3.add_response("delete_objects", {"Errors": [kept]})

    with pytest.raises(S3Error) as caught:
        objects.delete_below(URI)

    assert caught.value.fault is Fault.AUTH
