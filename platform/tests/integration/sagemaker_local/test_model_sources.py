import json
import uuid

import pytest
from botocore.exceptions import ClientError

IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:test"
WEIGHTS = json.dumps({"answer": "plain", "mode": "well"}).encode()


def source(uri, data_type="S3Prefix", compression="None"):
    content = {"S3Uri": uri, "S3DataType": data_type, "CompressionType": compression}
    return {"ModelDataSource": {"S3DataSource": content}}


def endpoint(rig, **model):
    """Deploy a model of a container, and return the endpoint's name."""
    name = f"source-{uuid.uuid4().hex[:12]}"
    rig.sagemaker.create_model(ModelName=name, **model)
    variant = {
        "VariantName": "primary",
        "ModelName": name,
        "InitialInstanceCount": 1,
        "InstanceType": "ml.m5.large",
    }
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=name, ProductionVariants=[variant]
    )
    return rig.endpoint(name)


def test_a_model_of_plain_objects_is_served(own_rig):
    bucket = own_rig.bucket()
    own_rig.s3.put_object(Bucket=bucket, Key="m/weights.json", Body=WEIGHTS)
    own_rig.s3.put_object(Bucket=bucket, Key="m/deep/more.txt", Body=b"more")
    container = {"Image": IMAGE, **source(f"s3://{bucket}/m/")}

    name = endpoint(own_rig, Containers=[container])

    said = own_rig.ask(name)
    assert (said["answer"], said["writable"]) == ("plain", False)


def test_a_model_of_one_object_is_served(rig):
    bucket = rig.bucket()
    rig.s3.put_object(Bucket=bucket, Key="m/weights.json", Body=WEIGHTS)
    uri = f"s3://{bucket}/m/weights.json"

    name = endpoint(rig, PrimaryContainer={"Image": IMAGE, **source(uri, "S3Object")})

    assert rig.ask(name)["answer"] == "plain"
    rig.sagemaker.delete_endpoint(EndpointName=name)


def test_a_model_of_an_archive_as_a_source_is_served(rig):
    artifact = rig.trained(rig.bucket_with(one=b"first"), answer="packed")
    container = {"Image": IMAGE, **source(artifact, "S3Object", "Gzip")}

    name = endpoint(rig, PrimaryContainer=container)

    assert rig.ask(name)["answer"] == "packed"
    rig.sagemaker.delete_endpoint(EndpointName=name)


def test_a_key_that_is_no_file_fails_the_endpoint(rig):
    bucket = rig.bucket()
    rig.s3.put_object(Bucket=bucket, Key="m/weights.json", Body=WEIGHTS)
    rig.s3.put_object(Bucket=bucket, Key="m/deep/", Body=b"")

    name = endpoint(
        rig, PrimaryContainer={"Image": IMAGE, **source(f"s3://{bucket}/m/")}
    )

    found = rig.settled(name)
    assert found["EndpointStatus"] == "Failed"
    assert "'m/deep/' of the model data cannot be a file" in found["FailureReason"]
    rig.sagemaker.delete_endpoint(EndpointName=name)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ({}, "Value null at 'primaryContainer' failed"),
        ({"Containers": []}, "Value null at 'containers' failed"),
        ({"PrimaryContainer": {}}, "Value null at 'primaryContainer.image' failed"),
        (
            {"PrimaryContainer": {"Image": IMAGE}, "Containers": [{"Image": IMAGE}]},
            "either PrimaryContainer or Containers",
        ),
        ({"Containers": [{"Image": IMAGE}] * 2}, "it has no inference pipelines"),
        (
            {"PrimaryContainer": {"Image": IMAGE, "Mode": "MultiModel"}},
            "value 'MultiModel' of 'PrimaryContainer.Mode'",
        ),
        (
            {
                "PrimaryContainer": {
                    "Image": IMAGE,
                    **source("s3://b/m/", "S3Prefix", "Gzip"),
                }
            },
            "CompressionType 'Gzip' cannot be combined with S3DataType 'S3Prefix'",
        ),
        (
            {"PrimaryContainer": {"Image": IMAGE, **source("s3://b/m")}},
            "must end with a slash",
        ),
        (
            {"PrimaryContainer": {"Image": IMAGE, **source("s3://b/m/")}},
            "Could not find model data at s3://b/m/",
        ),
        (
            {
                "PrimaryContainer": {
                    "Image": IMAGE,
                    "ModelDataUrl": "s3://b/m",
                    **source("s3://b/m/"),
                }
            },
            "either ModelDataUrl or ModelDataSource",
        ),
        (
            {"PrimaryContainer": {"ModelPackageName": "x", "Image": IMAGE}},
            "either ModelPackageName or Image",
        ),
        (
            {"PrimaryContainer": {"ModelPackageName": "never-made"}},
            "model-package/never-made does not exist",
        ),
        (
            {"PrimaryContainer": {"InferenceSpecificationName": "x", "Image": IMAGE}},
            "Value null at 'modelPackageName' failed",
        ),
    ],
)
def test_a_container_that_cannot_be_is_refused(rig, model, message):
    with pytest.raises(ClientError) as refused:
        rig.sagemaker.create_model(ModelName="never", **model)

    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert message in str(refused.value)
