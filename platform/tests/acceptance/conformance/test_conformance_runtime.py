import json

import pytest
from botocore.exceptions import ClientError
from conformance_claims import documented, field, guide, ours
from conformance_rig import refused


@pytest.fixture
def invoke(rig, endpoint):
    def ask(body=b"{}", **members):
        given = {"ContentType": "application/json", **members}
        name = given.pop("EndpointName", endpoint["EndpointName"])
        return rig.runtime.invoke_endpoint(EndpointName=name, Body=body, **given)

    return ask


def failed(ask, *arguments, **members):
    with pytest.raises(ClientError) as error:
        ask(*arguments, **members)
    return error.value.response


@documented("InvokeEndpoint", "Includes the inference provided by the model.")
@documented("InvokeEndpoint", "Identifies the production variant that was invoked.")
def test_an_answer_names_its_variant(invoke):
    said = invoke()

    assert json.loads(said["Body"].read())["answer"] == "first"
    assert said["ContentType"] == "application/json"
    assert said["InvokedProductionVariant"] == "primary"


@documented("InvokeEndpoint", "The MIME type of the input data in the request body.")
@documented(
    "InvokeEndpoint",
    "The desired MIME type of the inference response from the model container.",
)
@documented("InvokeEndpoint", "an opaque value that is forwarded verbatim")
def test_the_container_sees_what_the_caller_says(invoke):
    said = invoke(Accept="application/json", CustomAttributes="trace=1")
    headers = json.loads(said["Body"].read())["headers"]

    assert headers["content-type"] == "application/json"
    assert headers["accept"] == "application/json"
    assert headers["x-amzn-sagemaker-custom-attributes"] == "trace=1"


@documented(
    "InvokeEndpoint",
    "The code in your model is responsible for setting or updating any custom "
    "attributes in the response.",
)
def test_the_caller_sees_what_the_container_says(invoke):
    assert invoke()["CustomAttributes"] == "from-the-container"


@guide(
    "your-algorithms-inference-code", "headers other than InvokeEndpoint's are stripped"
)
def test_the_container_sees_no_signature(invoke):
    headers = json.loads(invoke()["Body"].read())["headers"]

    assert "authorization" not in headers


@documented(
    "InvokeEndpoint", "If you provide a value, it is added to the captured data"
)
def test_an_inference_id_is_taken(invoke):
    assert invoke(InferenceId="case-7")["InvokedProductionVariant"] == "primary"


@documented(
    "CreateEndpoint",
    "The name is case-insensitive in CreateEndpoint, but the case is preserved and must "
    "be matched in InvokeEndpoint.",
)
@ours("a name in another case is the name of no endpoint")
def test_the_case_of_a_name_must_be_matched(rig, invoke, endpoint):
    name = endpoint["EndpointName"].upper()
    said = failed(invoke, EndpointName=name)
    code, message = refused(
        rig.sagemaker.create_endpoint,
        EndpointName=name,
        EndpointConfigName=endpoint["EndpointConfigName"],
    )

    assert said["Error"]["Code"] == "ValidationError"
    assert f"Endpoint {name} of account" in said["Error"]["Message"]
    assert code == "ValidationException"
    assert message.startswith("Cannot create already existing endpoint")


@documented(
    "InvokeEndpoint",
    "Specify the production variant to send the inference request to when invoking an "
    "endpoint that is running two or more variants.",
)
def test_a_target_variant_is_asked(invoke):
    assert invoke(TargetVariant="primary")["InvokedProductionVariant"] == "primary"


@ours("a variant that is not there is a ValidationError")
def test_a_target_variant_that_is_not_there(invoke):
    said = failed(invoke, TargetVariant="none-such")

    assert said["Error"]["Code"] == "ValidationError"


@guide("your-algorithms-inference-code", "the model container's errors are ModelErrors")
@field(
    "questions about SageMaker",
    'Received server error (500) from primary with message "..."',
)
@pytest.mark.parametrize(
    ("status", "kind"), [(400, "client"), (404, "client"), (500, "server")]
)
def test_an_error_of_the_container_is_a_model_error(invoke, status, kind):
    said = failed(invoke, f"status {status}".encode())

    assert said["Error"]["Code"] == "ModelError"
    assert said["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert said["OriginalStatusCode"] == status
    assert said["OriginalMessage"] == "as you wished"
    text = f'Received {kind} error ({status}) from primary with message "as you wished"'
    assert said["Error"]["Message"].startswith(text)
    assert "/aws/sagemaker/Endpoints/" in said["LogStreamArn"]


@guide(
    "API_runtime_InvokeEndpoint", "an endpoint that is not there is a ValidationError"
)
def test_an_endpoint_that_is_not_there(invoke):
    said = failed(invoke, EndpointName="no-such-endpoint")

    assert said["Error"]["Code"] == "ValidationError"
    assert said["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert "no-such-endpoint" in said["Error"]["Message"]


@ours("a body above the 6,291,456 bytes of botocore's model is refused")
def test_a_body_that_is_too_large(invoke):
    said = failed(invoke, b"x" * 6_291_457)

    assert said["ResponseMetadata"]["HTTPStatusCode"] in {400, 413}


@guide("your-algorithms-inference-code", "the container is asked at POST /invocations")
def test_a_body_arrives_whole(invoke):
    said = invoke(b"x" * 5_000_000, ContentType="application/octet-stream")

    assert json.loads(said["Body"].read())["length"] == 5_000_000


@guide(
    "logging-cloudwatch", "the log group of an endpoint is /aws/sagemaker/Endpoints/"
)
def test_an_endpoint_logs_what_its_container_says(rig, endpoint, invoke):
    invoke()
    name = endpoint["EndpointName"]
    streams = rig.logs.describe_log_streams(
        logGroupName=f"/aws/sagemaker/Endpoints/{name}"
    )["logStreams"]

    assert all(each["logStreamName"].startswith("primary/") for each in streams)
    rig.eventually(
        lambda: any(
            "POST /invocations" in line for line in rig.said(f"Endpoints/{name}", "")
        )
    )
