import json

import pytest
import requests
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::000000000000:role/slipway"
ARN = "arn:aws:sagemaker:eu-west-1:000000000000"


def posted(rig, target, body, service="sagemaker", **headers):
    scope = f"AK/20260101/eu-west-1/{service}/aws4_request"
    fixed = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0",
        "X-Amz-Target": target,
        "Content-Type": "application/x-amz-json-1.1",
    }
    return requests.post(rig.server.url, data=body, headers=fixed | headers, timeout=60)


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_the_server_says_who_it_is(rig):
    health = requests.get(f"{rig.server.url}/_slipway/health", timeout=60).json()

    assert health["executor"] == "process"
    assert health["pid"] == rig.server.pid
    assert health["state"] == str(rig.server.state)


def test_a_request_that_is_not_signed_is_refused(rig):
    answer = requests.post(rig.server.url, timeout=60)

    assert answer.status_code == 403
    assert answer.json()["__type"] == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "SerializationException"),
        (b"[]", "SerializationException"),
        (b'{"ModelName": NaN}', "SerializationException"),
        (b'{"ModelName": 1}', "SerializationException"),
        (b'{"ModelName": ["x"]}', "SerializationException"),
        (b"\xff\xfe", "SerializationException"),
        (b"[" * 100_000, "SerializationException"),
        (b"{}", "ValidationException"),
        (b'{"ModelName": null}', "ValidationException"),
        (b'{"ModelName": "a b"}', "ValidationException"),
        (b'{"ModelName": "x", "Foo": 1}', "ValidationException"),
    ],
)
def test_a_malformed_request_has_awss_error_shape(rig, body, code):
    answer = posted(rig, "SageMaker.DescribeModel", body)

    assert answer.status_code == 400
    assert answer.json()["__type"] == answer.headers["x-amzn-ErrorType"] == code
    assert answer.headers["x-amzn-RequestId"]
    assert "Traceback" not in answer.text


def test_a_huge_request_is_refused(rig):
    answer = posted(rig, "SageMaker.DescribeModel", b" " * 10_000_000)

    assert answer.status_code == 413
    assert answer.json()["__type"] == "RequestEntityTooLargeException"


def test_an_operation_that_sagemaker_has_not(rig):
    answer = posted(rig, "SageMaker.MakeCoffee", b"{}")

    assert answer.status_code == 400
    assert answer.json()["__type"] == "UnknownOperationException"


def test_a_service_that_signs_as_sagemaker_is_told_what_there_is(rig):
    asking = (
        rig.client("sagemaker-featurestore-runtime").get_record,
        {"FeatureGroupName": "a", "RecordIdentifierValueAsString": "1"},
    )
    sending = (
        rig.client("sagemaker-edge").get_deployments,
        {"DeviceName": "a", "DeviceFleetName": "b"},
    )
    for (call, request), place in (
        (asking, "GET /FeatureGroup/a"),
        (sending, "POST /GetDeployments"),
    ):
        code, message = refused(call, **request)

        assert code == "UnknownOperationException"
        assert message == (
            f"{place} names no operation of SageMaker: the local server takes POST / "
            "with X-Amz-Target: SageMaker.<Operation>"
        )


def test_other_invocations_are_refused_by_name(rig):
    code, message = refused(
        rig.runtime.invoke_endpoint_async,
        EndpointName="any",
        InputLocation="s3://bucket/key",
    )
    streamed = refused(
        rig.runtime.invoke_endpoint_with_response_stream, EndpointName="any", Body=b"a"
    )

    assert code == "ValidationError"
    assert message == (
        "The local SageMaker server does not support the operation "
        "'InvokeEndpointAsync'. Supported: InvokeEndpoint"
    )
    assert "the operation 'InvokeEndpointWithResponseStream'" in streamed[1]


def test_an_operation_that_is_not_supported_names_itself_and_the_others(rig):
    code, message = refused(rig.sagemaker.list_hubs)

    assert code == "ValidationException"
    assert "does not support the operation 'ListHubs'" in message
    assert "CreateTrainingJob" in message


def test_a_void_operation_answers_an_empty_body(rig):
    bucket = rig.bucket_with(one=b"first")
    config = rig.config(rig.trained(bucket))

    answer = posted(
        rig, "SageMaker.DeleteModel", json.dumps({"ModelName": config}).encode()
    )

    assert (answer.status_code, answer.content) == (200, b"")


def test_members_and_values_that_are_not_supported_are_named(rig):
    bucket = rig.bucket_with(one=b"first")
    with pytest.raises(ClientError, match=r"member 'VpcConfig'.*Supported"):
        rig.start_training(
            bucket, VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]}
        )
    resources = {
        "InstanceCount": 2,
        "InstanceType": "ml.m5.large",
        "VolumeSizeInGB": 1,
    }
    with pytest.raises(
        ClientError, match=r"value '2' of 'ResourceConfig\.InstanceCount'"
    ):
        rig.start_training(bucket, ResourceConfig=resources)


def test_a_member_that_must_be_given_here_is_named(rig):
    code, message = refused(
        rig.sagemaker.create_model, ModelName="x", ExecutionRoleArn=ROLE
    )

    assert code == "ValidationException"
    assert "Value null at 'primaryContainer' failed to satisfy" in message


def test_what_is_not_there_has_awss_texts(rig):
    client = rig.sagemaker
    nothing = {
        "training": refused(client.describe_training_job, TrainingJobName="nope"),
        "stop": refused(client.stop_training_job, TrainingJobName="nope"),
        "processing": refused(client.describe_processing_job, ProcessingJobName="nope"),
        "model": refused(client.describe_model, ModelName="nope"),
        "config": refused(client.describe_endpoint_config, EndpointConfigName="nope"),
        "endpoint": refused(client.describe_endpoint, EndpointName="nope"),
        "delete": refused(client.delete_endpoint, EndpointName="nope"),
    }

    assert {code for code, _ in nothing.values()} == {"ValidationException"}
    config = f'endpoint configuration "{ARN}:endpoint-config/nope"'
    texts = {name: message for name, (_, message) in nothing.items()}
    assert texts == {
        "training": "Requested resource not found.",
        "stop": "Requested resource not found.",
        "processing": "Could not find requested job with name: nope",
        "model": f'Could not find model "{ARN}:model/nope".',
        "config": f"Could not find {config}.",
        "endpoint": f'Could not find endpoint "{ARN}:endpoint/nope".',
        "delete": f'Could not find endpoint "{ARN}:endpoint/nope".',
    }


def test_a_second_job_of_a_name_is_in_use(rig):
    bucket = rig.bucket_with(one=b"first")
    training, processing = rig.start_training(bucket), rig.start_processing(bucket)

    with pytest.raises(rig.sagemaker.exceptions.ResourceInUse) as first:
        rig.start_training(bucket, name=training)
    with pytest.raises(rig.sagemaker.exceptions.ResourceInUse) as second:
        rig.start_processing(bucket, name=processing)

    assert "Training job names must be unique within an AWS account" in str(first.value)
    assert "Job name must be unique within an AWS account" in str(second.value)
    rig.training(training)
    rig.processing(processing)


def test_an_image_or_artifact_that_is_not_there_changes_nothing(rig):
    bucket = rig.bucket_with(one=b"first")
    missing = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/none:1"
    algorithm = {"TrainingImage": missing, "TrainingInputMode": "File"}
    with pytest.raises(ClientError, match=r"Requested image .* not found"):
        rig.start_training(bucket, name="no-image", AlgorithmSpecification=algorithm)
    with pytest.raises(ClientError, match="Could not find model data at"):
        rig.config(f"s3://{bucket}/nope.tar.gz")

    code, _ = refused(rig.sagemaker.describe_training_job, TrainingJobName="no-image")
    assert code == "ValidationException"


@pytest.mark.parametrize("path", ["/opt/ml/model", "/opt/ml/processing/../x", "/etc"])
def test_a_local_path_outside_of_processing_is_refused(rig, path):
    bucket = rig.bucket_with(one=b"first")
    output = {
        "S3Uri": f"s3://{bucket}/out",
        "LocalPath": path,
        "S3UploadMode": "EndOfJob",
    }
    outputs = {"Outputs": [{"OutputName": "x", "S3Output": output}]}

    with pytest.raises(ClientError, match="must be a plain path below"):
        rig.start_processing(bucket, ProcessingOutputConfig=outputs)


def test_two_parts_of_a_job_have_no_folder_in_common(rig):
    bucket = rig.bucket_with(one=b"first")
    source = {
        "S3Uri": f"s3://{bucket}/data",
        "LocalPath": "/opt/ml/processing/same/",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    inputs = [
        {"InputName": "a", "S3Input": source},
        {
            "InputName": "b",
            "S3Input": {**source, "LocalPath": "/opt/ml/processing/same"},
        },
    ]

    with pytest.raises(ClientError, match="'/opt/ml/processing/same' is taken"):
        rig.start_processing(bucket, name="same", ProcessingInputs=inputs)

    code, _ = refused(rig.sagemaker.describe_processing_job, ProcessingJobName="same")
    assert code == "ValidationException"


ELSEWHERE = "https://example.org/data"
SOURCE = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": ELSEWHERE}}
#: Where a training job's address may lead elsewhere.
TRAINED_ELSEWHERE = {
    "InputDataConfig.DataSource.S3DataSource.S3Uri": {
        "InputDataConfig": [{"ChannelName": "train", "DataSource": SOURCE}]
    },
    "OutputDataConfig.S3OutputPath": {"OutputDataConfig": {"S3OutputPath": ELSEWHERE}},
    "CheckpointConfig.S3Uri": {"CheckpointConfig": {"S3Uri": ELSEWHERE}},
}


@pytest.mark.parametrize("member", TRAINED_ELSEWHERE)
def test_a_training_job_reads_and_writes_s3_only(rig, member):
    bucket = rig.bucket_with(one=b"first")
    with pytest.raises(ClientError) as error:
        rig.start_training(bucket, name="elsewhere", **TRAINED_ELSEWHERE[member])

    assert f"s3://bucket/key only: {member} is '{ELSEWHERE}'" in str(error.value)
    code, _ = refused(rig.sagemaker.describe_training_job, TrainingJobName="elsewhere")
    assert code == "ValidationException"


def test_a_processing_job_reads_and_writes_s3_only(rig):
    bucket = rig.bucket_with(one=b"first")
    path = "/opt/ml/processing/here"
    source = {
        "S3Uri": ELSEWHERE,
        "LocalPath": path,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    target = {"S3Uri": ELSEWHERE, "LocalPath": path, "S3UploadMode": "EndOfJob"}
    with pytest.raises(
        ClientError, match=r"ProcessingInputs\.S3Input\.S3Uri is 'https"
    ):
        rig.start_processing(
            bucket, ProcessingInputs=[{"InputName": "a", "S3Input": source}]
        )
    outputs = {"Outputs": [{"OutputName": "a", "S3Output": target}]}
    with pytest.raises(ClientError, match=r"Outputs\.S3Output\.S3Uri is 'https"):
        rig.start_processing(bucket, ProcessingOutputConfig=outputs)


def test_other_services_are_motos(rig):
    secrets = rig.client("secretsmanager")
    secrets.create_secret(Name="warehouse", SecretString="hidden")

    assert secrets.get_secret_value(SecretId="warehouse")["SecretString"] == "hidden"
    identity = rig.client("sts").get_caller_identity()
    assert identity["Account"] == "000000000000"


def test_what_moto_cannot_do_is_a_clear_400(rig):
    code, message = refused(
        rig.client("secretsmanager").stop_replication_to_replica, SecretId="x"
    )

    assert "StopReplicationToReplica" in message
    assert code == "NotImplemented"


def test_a_service_that_moto_has_not_is_a_clear_400(rig):
    answer = posted(rig, "Coffee.Make", b"{}", service="coffee-machine")

    assert answer.status_code == 400
    assert answer.json()["__type"] == "NotImplemented"
    assert answer.json()["message"].startswith("'Make' of coffee-machine is not supp")


#: By protocol, what moto has not: a service, an operation and its request, and what the
#: refusal calls it.
NOT_MOTOS = {
    "rest-json": ("chime-sdk-voice", "list_voice_profile_domains", {}, "/voice-profil"),
    "rest-json, of a service it has": (
        "bedrock",
        "list_foundation_models",
        {},
        "/foun",
    ),
    "rest-xml": ("route53", "get_checker_ip_ranges", {}, "checkeripranges"),
    "query": ("sns", "list_origination_numbers", {}, "ListOriginationNumbers"),
    "ec2": ("ec2", "describe_fpga_images", {}, "DescribeFpgaImages"),
    "cbor": ("events", "list_partner_event_sources", {"NamePrefix": "a"}, "List"),
    "json": (
        "secretsmanager",
        "stop_replication_to_replica",
        {"SecretId": "x"},
        "Stop",
    ),
}


@pytest.mark.parametrize("protocol", NOT_MOTOS)
def test_each_protocol_reads_what_moto_cannot_do(rig, protocol):
    service, operation, request, asked = NOT_MOTOS[protocol]
    code, message = refused(getattr(rig.client(service), operation), **request)

    assert code == "NotImplemented"
    assert asked in message
    assert "is not supported: the local server answers for" in message
