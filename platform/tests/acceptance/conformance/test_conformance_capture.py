import json
import re

import pytest
from conformance_claims import documented, field, guide, ours
from conformance_rig import refused

#: The year, month, day and hour; the minute, second and millisecond; an id.
PLACE = r"{}/primary/\d{{4}}/\d\d/\d\d/\d\d/\d\d-\d\d-\d{{3}}-[0-9a-f-]{{36}}\.jsonl"


def capture(rig, folder, **changes):
    return {
        "InitialSamplingPercentage": 100,
        "DestinationS3Uri": f"{rig.folder}/{folder}",
        "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}],
        "CaptureContentTypeHeader": {"CsvContentTypes": ["text/csv"]},
        **changes,
    }


@pytest.fixture(scope="module")
def capturing(rig, model_name, serve):
    """An endpoint that captures to the folder `captured`; its description."""
    return serve(configured(rig, model_name, capture(rig, "captured")))


def configured(rig, model_name, config):
    name = rig.name()
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[
            {
                "VariantName": "primary",
                "ModelName": model_name,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
        ],
        DataCaptureConfig=config,
    )
    return name


@pytest.fixture(scope="module")
def captured(rig, capturing):
    """What one request leaves: its key, and its record."""
    name = capturing["EndpointName"]
    rig.runtime.invoke_endpoint(
        EndpointName=name,
        Body=b"1,2",
        ContentType="text/csv",
        InferenceId="case-7",
        CustomAttributes="trace=1",
    )
    (key,) = rig.eventually(lambda: rig.keys("captured"))
    return key, json.loads(rig.read(f"{rig.folder}/captured/{key}"))


@documented(
    "DescribeEndpointConfig",
    "Whether data capture should be enabled or disabled (defaults to enabled).",
)
@ours("DescribeEndpointConfig shows the default that was taken")
def test_a_config_shows_what_it_captures(rig, model_name):
    wanted = capture(rig, "unused")
    name = configured(rig, model_name, wanted)
    shown = rig.sagemaker.describe_endpoint_config(EndpointConfigName=name)

    assert shown["DataCaptureConfig"] == {"EnableCapture": True, **wanted}


@documented("DescribeEndpoint", "Whether data capture is currently functional.")
@documented(
    "DescribeEndpoint", "The percentage of requests being captured by your Endpoint."
)
def test_an_endpoint_shows_that_it_captures(rig, capturing):
    shown = capturing["DataCaptureConfig"]

    assert shown["EnableCapture"] is True
    assert shown["CaptureStatus"] == "Started"
    assert shown["CurrentSamplingPercentage"] == 100
    assert shown["DestinationS3Uri"] == f"{rig.folder}/captured"


@guide(
    "model-monitor-data-capture-endpoint",
    "s3://{destination-bucket-prefix}/{endpoint-name}/{variant-name}/yyyy/mm/dd/hh/"
    "filename.jsonl",
)
@ours("a file's name is its minute, second, millisecond and an id")
def test_files_lie_by_endpoint_variant_and_hour(captured, capturing):
    key, _ = captured

    assert re.fullmatch(PLACE.format(capturing["EndpointName"]), key)


@field(
    "a printed record in a book's chapter on Model Monitor, 2020",
    '"eventMetadata":{"eventId":"8f45e35c-fa44-40d2-8ed3-1bcab3a596f3",'
    '"inferenceTime":"2020-07-30T13:36:30Z"},"eventVersion":"0"',
)
@documented(
    "InvokeEndpoint", "If you provide a value, it is added to the captured data"
)
@ours("custom attributes are a list of the one value that the caller sent")
def test_a_record_says_which_inference_it_was(captured):
    _, record = captured
    metadata = record["eventMetadata"]

    assert record["eventVersion"] == "0"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", metadata["inferenceTime"])
    assert metadata["inferenceId"] == "case-7"
    assert metadata["customAttributes"] == ["trace=1"]
    assert metadata["eventId"]


@documented(
    "DescribeEndpointConfig",
    "The list of all content type headers that Amazon SageMaker AI will treat as CSV "
    "and capture accordingly.",
)
def test_each_side_is_there_as_it_was(captured):
    _, record = captured
    sides = record["captureData"]

    assert sides["endpointInput"] == {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": "1,2",
        "encoding": "CSV",
    }
    assert sides["endpointOutput"]["mode"] == "OUTPUT"


@documented(
    "DescribeEndpointConfig",
    "If no headers are specified SageMaker AI will by default base64 encode when "
    "capturing the data.",
)
@ours("a content type that no list has is base64, too")
def test_what_no_list_has_is_base64(rig, model_name, serve):
    found = serve(configured(rig, model_name, capture(rig, "encoded")))
    rig.runtime.invoke_endpoint(
        EndpointName=found["EndpointName"], Body=b"{}", ContentType="application/json"
    )
    (key,) = rig.eventually(lambda: rig.keys("encoded"))
    record = json.loads(rig.read(f"{rig.folder}/encoded/{key}"))
    asked = record["captureData"]["endpointInput"]

    assert (asked["data"], asked["encoding"]) == ("e30=", "BASE64")


@documented(
    "CreateEndpointConfig",
    "Specifies data Model Monitor will capture. You can configure whether to collect "
    "only input, only output, or both",
)
def test_a_capture_mode_that_is_none_is_refused(rig, model_name):
    config = capture(rig, "unused", CaptureOptions=[{"CaptureMode": "Both"}])
    code, message = refused(configured, rig=rig, model_name=model_name, config=config)

    assert code == "ValidationException"
    assert "dataCaptureConfig.captureOptions.1.member.captureMode" in message
