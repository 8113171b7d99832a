import base64
import datetime as dt
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.s3.uri import S3Uri
from slipway.sagemaker_local.capture.records import file_key, line
from slipway.sagemaker_local.endpoints.observation import Invocation

BEGUN = dt.datetime(2026, 1, 31, 13, 7, 9, 42_000, dt.UTC).timestamp()
CONFIG = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 100,
    "DestinationS3Uri": "s3://bucket/captured",
    "CaptureOptions": [{"CaptureMode": "InputAndOutput"}],
    "CaptureContentTypeHeader": {
        "CsvContentTypes": ["text/csv"],
        "JsonContentTypes": ["application/json"],
    },
}


def invocation(**changes):
    known = {
        "region": "eu-west-1",
        "endpoint": "churn",
        "config": "churn-1",
        "variant": "primary",
        "begun_at": BEGUN,
        "model_latency": 0.01,
        "overhead_latency": 0.001,
        "status": 200,
        "original_status": 200,
        "request": b"1,2",
        "answer": b'{"score": 0.5}',
        "content_type": "text/csv",
        "answer_content_type": "application/json",
        "inference_id": None,
        "custom_attributes": None,
        "capture": CONFIG,
    }
    return Invocation(**{**known, **changes})


def record(config=CONFIG, **changes):
    return json.loads(line(invocation(**changes), config))


def test_a_line_holds_both_sides_and_when_it_was():
    found = record()
    event = found["eventMetadata"].pop("eventId")

    assert re.fullmatch(r"[0-9a-f-]{36}", event)
    assert found == {
        "captureData": {
            "endpointInput": {
                "observedContentType": "text/csv",
                "mode": "INPUT",
                "data": "1,2",
                "encoding": "CSV",
            },
            "endpointOutput": {
                "observedContentType": "application/json",
                "mode": "OUTPUT",
                "data": '{"score": 0.5}',
                "encoding": "JSON",
            },
        },
        "eventMetadata": {"inferenceTime": "2026-01-31T13:07:09Z"},
        "eventVersion": "0",
    }


def test_what_the_caller_says_of_an_inference_is_in_its_metadata():
    metadata = record(inference_id="case-7", custom_attributes="a=1")["eventMetadata"]

    assert metadata["inferenceId"] == "case-7"
    assert metadata["customAttributes"] == ["a=1"]


@pytest.mark.parametrize(
    ("modes", "members"),
    [
        (["Input"], {"endpointInput"}),
        (["Output"], {"endpointOutput"}),
        (["Input", "Output"], {"endpointInput", "endpointOutput"}),
        (["InputAndOutput", "Input"], {"endpointInput", "endpointOutput"}),
    ],
)
def test_the_options_decide_which_sides_are_kept(modes, members):
    options = [{"CaptureMode": mode} for mode in modes]

    assert record({**CONFIG, "CaptureOptions": options})["captureData"].keys() == (
        members
    )


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("text/csv", "CSV"),
        ("text/csv; charset=utf-8", "CSV"),
        ("Application/JSON", "JSON"),
        ("application/x-npy", "BASE64"),
        (None, "BASE64"),
    ],
)
def test_the_content_type_decides_the_encoding(content_type, encoding):
    found = record(content_type=content_type)["captureData"]["endpointInput"]

    assert found["encoding"] == encoding
    assert found["observedContentType"] == (content_type or "")
    assert found["data"] == ("MSwy" if encoding == "BASE64" else "1,2")


def test_without_lists_everything_is_base64():
    config = {**CONFIG, "CaptureContentTypeHeader": {}}

    assert record(config)["captureData"]["endpointOutput"]["encoding"] == "BASE64"


@given(st.binary(max_size=200))
def test_whatever_was_sent_can_be_read_back(body):
    found = record(request=body)["captureData"]["endpointInput"]
    data = found["data"]
    read = base64.b64decode(data) if found["encoding"] == "BASE64" else data.encode()

    assert read == body


def test_a_line_is_one_line():
    found = line(invocation(request=b"1,2\n3,4\n"), CONFIG)

    assert found.count(b"\n") == 1
    assert found.endswith(b"\n")


def test_a_file_lies_below_its_hour():
    key = file_key(S3Uri("bucket", "captured/"), invocation()).key

    assert re.fullmatch(
        r"captured/churn/primary/2026/01/31/13/07-09-042-[0-9a-f-]{36}\.jsonl", key
    )


def test_a_whole_bucket_is_a_destination():
    key = file_key(S3Uri("bucket", ""), invocation()).key

    assert key.startswith("churn/primary/2026/")
