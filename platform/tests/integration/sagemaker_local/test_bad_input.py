"""Malformed requests: AWS's error shape, and nothing changed by any of them."""

import io
import json
import tarfile
import uuid

import pytest
import requests
from server_state import state_of
from test_local_protocol import posted
from test_model_sources import IMAGE

ROLE = "arn:aws:iam::000000000000:role/slipway"
NO_IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/none:1"
SIZE = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
TEN_MB = 10_000_000
SERIALIZATION, VALIDATION = "SerializationException", "ValidationException"


def furnished(rig):
    """Give a server a model, a config and a group, and wait until nothing runs."""
    rig.config(rig.trained(rig.bucket_with(one=b"first")))
    rig.sagemaker.create_model_package_group(ModelPackageGroupName="known")
    processes = rig.server.state / "processes"
    rig.eventually(lambda: not list(processes.iterdir()))
    return rig


@pytest.fixture(scope="module")
def still(new_rig):
    """A server that nothing runs on: whatever changes is a request's doing."""
    return furnished(new_rig())


@pytest.fixture(scope="module")
def valid(still):
    return requests_of(still)


def bucket_of(rig):
    return rig.s3.list_buckets()["Buckets"][0]["Name"]


def requests_of(rig):
    """Return a request that the server takes, by operation that changes something."""
    (model,) = rig.sagemaker.list_models()["Models"]
    bucket = bucket_of(rig)
    name, known = f"new-{uuid.uuid4().hex[:8]}", model["ModelName"]
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{bucket}/data"}
    variant = {
        "VariantName": "primary",
        "ModelName": known,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    return {
        "CreateTrainingJob": {
            "TrainingJobName": name,
            "AlgorithmSpecification": {
                "TrainingImage": IMAGE,
                "TrainingInputMode": "File",
            },
            "RoleArn": ROLE,
            "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models"},
            "ResourceConfig": SIZE,
        },
        "CreateProcessingJob": {
            "ProcessingJobName": name,
            "AppSpecification": {"ImageUri": IMAGE, "ContainerArguments": ["process"]},
            "RoleArn": ROLE,
            "ProcessingResources": {"ClusterConfig": SIZE},
        },
        "CreateTransformJob": {
            "TransformJobName": name,
            "ModelName": known,
            "TransformInput": {"DataSource": {"S3DataSource": source}},
            "TransformOutput": {"S3OutputPath": f"s3://{bucket}/scored"},
            "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
        },
        "CreateModel": {"ModelName": name, "PrimaryContainer": {"Image": IMAGE}},
        "CreateEndpointConfig": {
            "EndpointConfigName": name,
            "ProductionVariants": [variant],
        },
        "CreateEndpoint": {"EndpointName": name, "EndpointConfigName": known},
        "CreateModelPackageGroup": {"ModelPackageGroupName": name},
        "AddTags": {
            "ResourceArn": model["ModelArn"],
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        "DeleteModel": {"ModelName": known},
        "DeleteEndpointConfig": {"EndpointConfigName": known},
        "DeleteModelPackageGroup": {"ModelPackageGroupName": "known"},
    }


OPERATIONS = (
    *("CreateTrainingJob", "CreateProcessingJob", "CreateTransformJob", "CreateModel"),
    *("CreateEndpointConfig", "CreateEndpoint", "CreateModelPackageGroup", "AddTags"),
    *("DeleteModel", "DeleteEndpointConfig", "DeleteModelPackageGroup"),
)


def first(request):
    return next(iter(request))


#: How a valid request is spoiled: to which bytes, and what the answer's code is.
SPOILED = {
    "not JSON": (lambda request: json.dumps(request)[:-1], SERIALIZATION),
    "no object": (lambda request: json.dumps([request]), SERIALIZATION),
    "a member of a wrong type": (
        lambda request: json.dumps({**request, first(request): {"a": 1}}),
        SERIALIZATION,
    ),
    "a missing member": (
        lambda request: json.dumps({**request, first(request): None}),
        VALIDATION,
    ),
    "an illegal name": (
        lambda request: json.dumps({**request, first(request): "-no name-"}),
        VALIDATION,
    ),
    "a name that is too long": (
        lambda request: json.dumps({**request, first(request): "a" * 300}),
        VALIDATION,
    ),
    "an unknown member": (
        lambda request: json.dumps({**request, "Colour": "blue"}),
        VALIDATION,
    ),
    "10 MB": (
        lambda request: json.dumps({**request, "Padding": "x" * TEN_MB}),
        "RequestEntityTooLargeException",
    ),
}


def changes_nothing(rig, target, body):
    """Send a request, see that nothing is changed by it, and return its refusal."""
    before = state_of(rig.server.state)
    answer = posted(rig, target, body)
    assert state_of(rig.server.state) == before
    said = answer.json()
    assert 400 <= answer.status_code < 500
    assert said["__type"] == answer.headers["x-amzn-ErrorType"]
    assert said["Message"]
    assert answer.headers["x-amzn-RequestId"]
    assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"
    return said["__type"], said["Message"]


@pytest.mark.parametrize("spoiled", SPOILED)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_malformed_request_changes_nothing(still, valid, operation, spoiled):
    spoil, code = SPOILED[spoiled]

    body = spoil(valid[operation]).encode()
    said, _ = changes_nothing(still, f"SageMaker.{operation}", body)

    assert said == code


@pytest.mark.parametrize(
    ("operation", "code"),
    [("MakeModel", "UnknownOperationException"), ("CreateHub", VALIDATION)],
)
def test_an_operation_that_is_not_here_changes_nothing(still, valid, operation, code):
    body = json.dumps(valid["CreateModel"]).encode()

    said, message = changes_nothing(still, f"SageMaker.{operation}", body)

    assert said == code
    assert operation in message


def without_image(request):
    """Return a request whose image does not exist."""
    return json.loads(json.dumps(request).replace(IMAGE, NO_IMAGE))


@pytest.mark.parametrize(
    "operation", ["CreateTrainingJob", "CreateProcessingJob", "CreateModel"]
)
def test_an_image_that_does_not_exist_changes_nothing(still, valid, operation):
    body = json.dumps(without_image(valid[operation])).encode()

    said, message = changes_nothing(still, f"SageMaker.{operation}", body)

    assert said == VALIDATION
    assert NO_IMAGE in message


@pytest.mark.parametrize(
    "source",
    [
        {"ModelDataUrl": "s3://{bucket}/none/model.tar.gz"},
        {"ModelDataUrl": "s3://no-such-bucket/model.tar.gz"},
        {
            "ModelDataSource": {
                "S3DataSource": {
                    "S3Uri": "s3://{bucket}/none/",
                    "S3DataType": "S3Prefix",
                    "CompressionType": "None",
                }
            }
        },
    ],
    ids=["no object", "no bucket", "no prefix"],
)
def test_a_model_without_its_artifact_changes_nothing(still, valid, source):
    bucket = bucket_of(still)
    container = json.loads(json.dumps(source).replace("{bucket}", bucket))
    request = {
        **valid["CreateModel"],
        "PrimaryContainer": {"Image": IMAGE, **container},
    }

    body = json.dumps(request).encode()
    said, message = changes_nothing(still, "SageMaker.CreateModel", body)

    assert said == VALIDATION
    assert message.startswith("Could not find model data at")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "{bucket}?delete", b"<Delete>" + b" " * TEN_MB + b"</Delete>"),
        ("POST", "{bucket}?delete", b"<Delete><Object>"),
        ("PUT", "{bucket}-2", b"<CreateBucketConfiguration>" + b"x" * TEN_MB),
        ("PUT", "no-such-bucket/key", bytes(TEN_MB)),
    ],
    ids=["a large list of keys", "half of a list", "a large config", "no bucket"],
)
def test_a_malformed_request_of_s3_changes_nothing(still, method, path, body):
    bucket = bucket_of(still)
    scope = "AK/20260101/eu-west-1/s3/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"}
    url = f"{still.server.url}/{path.format(bucket=bucket)}"
    before = state_of(still.server.state)

    answer = requests.request(method, url, data=body, headers=headers, timeout=30)

    assert state_of(still.server.state) == before
    assert answer.status_code in (400, 404)
    assert b"<Error><Code>" in answer.content


def linked_archive(kind):
    """Return an archive whose second member is no file and no folder."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("weights.json"))
        odd = tarfile.TarInfo("odd")
        odd.type, odd.linkname = kind, "/etc/passwd"
        tar.addfile(odd)
    return content.getvalue()


@pytest.fixture(scope="module")
def alone(new_rig):
    """A server that only one endpoint at a time is made on."""
    return new_rig()


@pytest.mark.parametrize(
    "kind",
    [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE],
    ids=["symbolic link", "hard link", "device", "pipe"],
)
def test_an_archive_with_links_is_laid_out_nowhere(alone, kind):
    bucket, state = alone.bucket(), alone.server.state
    alone.s3.put_object(Bucket=bucket, Key="model.tar.gz", Body=linked_archive(kind))
    config = alone.config(f"s3://{bucket}/model.tar.gz")
    before = state_of(state)

    endpoint = alone.endpoint(config)
    found = alone.sagemaker.describe_endpoint(EndpointName=endpoint)
    # What was begun for the endpoint goes a moment after it has failed.
    alone.eventually(lambda: files(state_of(state)) == files(before))
    alone.sagemaker.delete_endpoint(EndpointName=endpoint)
    alone.eventually(lambda: state_of(state) == before)

    assert found["EndpointStatus"] == "Failed"
    assert "Failed to extract model data archive" in found["FailureReason"]
    assert "'odd'" in found["FailureReason"]


def files(state):
    """Return the part of a state that is not in a database."""
    return {name: size for name, size in state.items() if ".sqlite:" not in name}


def test_what_was_spoiled_is_taken_when_it_is_whole(new_rig):
    rig = furnished(new_rig())
    valid = requests_of(rig)

    for operation in OPERATIONS:
        body = json.dumps(valid[operation]).encode()
        answer = posted(rig, f"SageMaker.{operation}", body)
        assert (operation, answer.status_code) == (operation, 200), answer.text
