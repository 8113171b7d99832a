import json

import pytest
from botocore.exceptions import ClientError

CSV_AND_JSON = {
    "CsvContentTypes": ["text/csv"],
    "JsonContentTypes": ["application/json"],
}


def capture(bucket, **changes):
    return {
        "EnableCapture": True,
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"s3://{bucket}/captured",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": CSV_AND_JSON,
        **changes,
    }


@pytest.fixture
def capturing(own_rig):
    """Make a bucket and an endpoint that captures to it."""

    def make(**changes):
        bucket = own_rig.bucket_with(one=b"first")
        config = own_rig.config(
            own_rig.trained(bucket, answer="1"), capture=capture(bucket, **changes)
        )
        return bucket, own_rig.endpoint(config)

    return make


def captured(rig, bucket):
    """Return the records below a bucket's prefix, by key."""
    listed = rig.s3.list_objects_v2(Bucket=bucket, Prefix="captured/")
    found = {}
    for each in listed.get("Contents", []):
        body = rig.s3.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
        found[each["Key"]] = [json.loads(line) for line in body.splitlines()]
    return found


def inputs(found):
    return {
        record["captureData"]["endpointInput"]["data"]
        for records in found.values()
        for record in records
    }


def test_what_was_asked_and_answered_is_in_s3(own_rig, capturing):
    bucket, endpoint = capturing()
    for number in range(3):
        own_rig.ask(endpoint, b"%d,2" % number, ContentType="text/csv")
    own_rig.eventually(lambda: len(inputs(captured(own_rig, bucket))) == 3)

    found = captured(own_rig, bucket)
    assert inputs(found) == {"0,2", "1,2", "2,2"}
    assert all(key.startswith(f"captured/{endpoint}/primary/") for key in found)
    record = next(iter(found.values()))[0]
    output = record["captureData"]["endpointOutput"]
    assert json.loads(output["data"])["answer"] == "1"
    assert output["encoding"] == "JSON"


def test_what_the_model_refuses_is_not_captured(own_rig, capturing):
    bucket, endpoint = capturing()
    with pytest.raises(ClientError):
        own_rig.ask(endpoint, b"status 500", ContentType="text/csv")
    own_rig.ask(endpoint, b"well", ContentType="text/csv")
    own_rig.server.stop()
    own_rig.start()

    assert inputs(captured(own_rig, bucket)) == {"well"}


def test_an_endpoint_captures_on_after_a_restart(own_rig, capturing):
    bucket, endpoint = capturing()
    own_rig.ask(endpoint, b"before", ContentType="text/csv")
    own_rig.server.stop()
    own_rig.start()
    own_rig.ask(endpoint, b"after", ContentType="text/csv")

    wanted = {"before", "after"}
    own_rig.eventually(lambda: inputs(captured(own_rig, bucket)) == wanted)


def test_an_update_turns_capture_off(own_rig, capturing):
    bucket, endpoint = capturing()
    before = own_rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    off = own_rig.config(
        own_rig.trained(bucket, answer="2"),
        capture=capture(bucket, EnableCapture=False),
    )
    own_rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=off)
    after = own_rig.settled(endpoint)
    own_rig.ask(endpoint, b"unseen", ContentType="text/csv")
    own_rig.server.stop()
    own_rig.start()

    assert before["DataCaptureConfig"]["CaptureStatus"] == "Started"
    assert after["DataCaptureConfig"]["CaptureStatus"] == "Stopped"
    assert captured(own_rig, bucket) == {}


@pytest.mark.parametrize(
    ("excluded", "left"), [([], True), (["DataCaptureConfig"], False)]
)
def test_an_update_that_retains_captures_on(own_rig, capturing, excluded, left):
    bucket, endpoint = capturing()
    before = own_rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    own_rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=own_rig.config(own_rig.trained(bucket, answer="2")),
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[
            {"VariantPropertyType": each} for each in excluded
        ],
    )
    after = own_rig.settled(endpoint)
    own_rig.ask(endpoint, b"seen", ContentType="text/csv")
    own_rig.server.stop()
    own_rig.start()

    shown = {"DataCaptureConfig": before["DataCaptureConfig"]} if left else {}
    assert {key: after[key] for key in after if key == "DataCaptureConfig"} == shown
    assert inputs(captured(own_rig, bucket)) == ({"seen"} if left else set())


def test_a_missing_bucket_fails_no_request(own_rig, capturing):
    _, endpoint = capturing(DestinationS3Uri="s3://no-such-bucket/captured")

    assert own_rig.ask(endpoint)["answer"] == "1"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"KmsKeyId": "alias/mine"}, "the member 'DataCaptureConfig.KmsKeyId'"),
        ({"DestinationS3Uri": "https://b/c"}, "DestinationS3Uri is 'https://b/c'"),
        ({"InitialSamplingPercentage": 101}, "less than or equal to 100"),
        ({"CaptureOptions": [{"CaptureMode": "Both"}]}, "enum value set"),
    ],
)
def test_what_cannot_be_captured_is_refused(rig, changes, said):
    bucket = rig.bucket_with(one=b"first")
    with pytest.raises(ClientError, match="ValidationException") as error:
        rig.config(rig.trained(bucket, answer="1"), capture=capture(bucket, **changes))

    assert said in str(error.value)
