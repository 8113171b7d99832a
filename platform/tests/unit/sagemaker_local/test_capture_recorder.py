import json

import pytest
from test_capture_records import BEGUN, CONFIG, invocation

from slipway.sagemaker_local.capture import recorder
from slipway.sagemaker_local.capture.recorder import Recorder
from slipway.sagemaker_local.capture.settings import checked, shown
from slipway.sagemaker_local.faults import AwsError
from slipway.sagemaker_local.s3.objects import ObjectStore


@pytest.fixture
def objects(tmp_path):
    store = ObjectStore(tmp_path / "s3")
    store.create_bucket("bucket", "eu-west-1")
    yield store
    store.close()


def files(objects):
    """Return the records of each file, by key."""
    found = {}
    for stored in objects.objects("bucket"):
        _, stream = objects.open("bucket", stored.key)
        with stream:
            found[stored.key] = [json.loads(each) for each in stream]
    return found


def recorded(objects, *invocations, chance=lambda: 0.0):
    """Record invocations to their end, and return the files."""
    capture = Recorder(objects, chance)
    for each in invocations:
        capture(each)
    capture.close()
    return files(objects)


def test_invocations_of_a_variant_and_an_hour_are_one_file(objects):
    found = recorded(objects, *[invocation(request=b"%d" % n) for n in range(3)])

    ((key, records),) = found.items()
    assert key.startswith("captured/churn/primary/2026/01/31/13/07-09-042-")
    data = [each["captureData"]["endpointInput"]["data"] for each in records]
    assert data == ["0", "1", "2"]


def test_another_variant_hour_or_config_is_another_file(objects):
    found = recorded(
        objects,
        invocation(),
        invocation(variant="second"),
        invocation(begun_at=BEGUN + 3600),
        invocation(capture={**CONFIG, "CaptureOptions": [{"CaptureMode": "Input"}]}),
    )

    assert sorted(len(records) for records in found.values()) == [1, 1, 1, 1]


@pytest.mark.parametrize("status", [400, 424, 503])
def test_what_failed_is_not_captured(objects, status):
    assert recorded(objects, invocation(status=status)) == {}


@pytest.mark.parametrize(
    "capture", [None, {**CONFIG, "EnableCapture": False}], ids=["none", "disabled"]
)
def test_what_no_config_wants_is_not_captured(objects, capture):
    assert recorded(objects, invocation(capture=capture)) == {}


@pytest.mark.parametrize(
    ("percentage", "drawn", "captured"),
    [(0, 0.0, 0), (1, 0.0099, 1), (1, 0.01, 0), (100, 0.999, 1)],
)
def test_a_draw_below_the_percentage_is_captured(objects, percentage, drawn, captured):
    config = {**CONFIG, "InitialSamplingPercentage": percentage}
    found = recorded(objects, invocation(capture=config), chance=lambda: drawn)

    assert len(found) == captured


def test_a_file_is_written_when_it_is_large(objects, monkeypatch):
    monkeypatch.setattr(recorder, "LARGEST_FILE", 3000)
    found = recorded(objects, *[invocation(request=b"x" * 1500)] * 4)

    assert [len(records) for records in found.values()] == [2, 2]


def test_what_waits_is_bounded(objects, monkeypatch, caplog):
    monkeypatch.setattr(recorder, "MOST_WAITING", 4000)
    (records,) = recorded(objects, *[invocation(request=b"x" * 900)] * 5).values()

    assert len(records) == 2
    assert "too much waits to be written" in caplog.text


def test_what_cannot_be_written_is_lost_and_said(objects, caplog):
    nowhere = {**CONFIG, "DestinationS3Uri": "s3://no-such-bucket/captured"}
    found = recorded(objects, invocation(capture=nowhere), invocation())

    assert len(found) == 1
    assert "capture_lost endpoint=churn records=1" in caplog.text


def test_nothing_is_taken_after_the_end(objects):
    capture = Recorder(objects)
    capture.close()
    capture(invocation())

    assert files(objects) == {}


def test_a_config_is_enabled_unless_it_says_otherwise():
    config = {name: CONFIG[name] for name in CONFIG if name != "EnableCapture"}

    assert checked(config) == CONFIG
    assert shown({**CONFIG, "EnableCapture": False}) == {
        "EnableCapture": False,
        "CaptureStatus": "Stopped",
        "CurrentSamplingPercentage": 100,
        "DestinationS3Uri": "s3://bucket/captured",
        "KmsKeyId": "",
    }


@pytest.mark.parametrize("address", ["https://bucket/captured", "s3:///x"])
def test_a_destination_is_a_place_in_s3(address):
    with pytest.raises(AwsError, match="captures to s3://bucket/prefix only"):
        checked({**CONFIG, "DestinationS3Uri": address})
