import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from test_model_packages import INSTANCES, group, specification, version

TAGS = [{"Key": "owner", "Value": "me"}]


@pytest.fixture
def tagged(rig):
    """A resource to tag, and its ARN."""
    _, arn = group(rig)
    return arn


def listed(rig, arn):
    pages = rig.sagemaker.get_paginator("list_tags").paginate(ResourceArn=arn)
    tags = [tag for page in pages for tag in page["Tags"]]
    return {tag["Key"]: tag["Value"] for tag in tags}


def many(count, start=0):
    return [{"Key": f"k{n:03}", "Value": str(n)} for n in range(start, start + count)]


def test_every_kind_of_resource_takes_tags_at_its_creation(rig):
    bucket = rig.bucket_with(one=b"first")
    client, name = rig.sagemaker, f"tagged-{uuid.uuid4().hex[:12]}"
    training = rig.start_training(bucket, Tags=TAGS)
    processing = rig.start_processing(bucket, Tags=TAGS)
    artifact = rig.training(training)["ModelArtifacts"]["S3ModelArtifacts"]
    config = rig.config(artifact, model={"Tags": TAGS})
    endpoint = client.create_endpoint(
        EndpointName=name, EndpointConfigName=config, Tags=TAGS
    )
    package = client.create_model_package(
        ModelPackageName=name,
        InferenceSpecification={**specification(), **INSTANCES},
        Tags=TAGS,
    )
    grouped = client.create_model_package_group(ModelPackageGroupName=name, Tags=TAGS)
    arns = [
        client.describe_training_job(TrainingJobName=training)["TrainingJobArn"],
        rig.processing(processing)["ProcessingJobArn"],
        client.describe_model(ModelName=config)["ModelArn"],
        endpoint["EndpointArn"],
        package["ModelPackageArn"],
        grouped["ModelPackageGroupArn"],
    ]

    assert [listed(rig, arn) for arn in arns] == [{"owner": "me"}] * len(arns)
    described = client.describe_endpoint_config(EndpointConfigName=config)
    client.add_tags(ResourceArn=described["EndpointConfigArn"], Tags=TAGS)
    assert listed(rig, described["EndpointConfigArn"]) == {"owner": "me"}
    rig.settled(name)
    client.delete_endpoint(EndpointName=name)


def test_tags_are_replaced_and_deleted(rig, tagged):
    rig.sagemaker.add_tags(ResourceArn=tagged, Tags=many(3))
    added = rig.sagemaker.add_tags(
        ResourceArn=tagged, Tags=[{"Key": "k001", "Value": "new"}]
    )

    rig.sagemaker.delete_tags(ResourceArn=tagged, TagKeys=["k000", "never"])

    assert {"Key": "k001", "Value": "new"} in added["Tags"]
    assert listed(rig, tagged) == {"k001": "new", "k002": "2"}


def test_a_resource_has_at_most_fifty_tags(rig, tagged):
    rig.sagemaker.add_tags(ResourceArn=tagged, Tags=many(50))

    with pytest.raises(ClientError, match="at most 50 tags"):
        rig.sagemaker.add_tags(ResourceArn=tagged, Tags=many(1, start=50))
    rig.sagemaker.add_tags(ResourceArn=tagged, Tags=many(50))

    assert len(listed(rig, tagged)) == 50


def test_tags_added_at_once_are_all_there(rig, tagged):
    def add(number):
        rig.sagemaker.add_tags(ResourceArn=tagged, Tags=many(1, start=number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(16)))

    assert len(listed(rig, tagged)) == 16


@pytest.mark.parametrize(
    ("tag", "message"),
    [
        ({"Key": "x" * 129, "Value": "x"}, "length less than or equal to 128"),
        ({"Key": "x", "Value": "x" * 257}, "length less than or equal to 256"),
        ({"Key": "a!", "Value": "x"}, "regular expression pattern"),
        ({"Key": "aws:mine", "Value": "x"}, "keys that start with aws: are reserved"),
        ({"Key": "AWS:mine", "Value": "x"}, "keys that start with aws: are reserved"),
    ],
)
def test_a_tag_that_cannot_be_is_refused(rig, tagged, tag, message):
    with pytest.raises(ClientError, match=message):
        rig.sagemaker.add_tags(ResourceArn=tagged, Tags=[tag])

    assert listed(rig, tagged) == {}


def test_a_key_given_twice_is_refused(rig, tagged):
    with pytest.raises(ClientError, match="Duplicate tag keys found"):
        rig.sagemaker.add_tags(ResourceArn=tagged, Tags=[*TAGS, *TAGS])


@pytest.mark.parametrize("token", ["x", "W10=", "WzFd", "bnVsbA=="])
def test_a_token_of_tags_that_is_none_is_refused(rig, tagged, token):
    with pytest.raises(ClientError, match="Invalid NextToken"):
        rig.sagemaker.list_tags(ResourceArn=tagged, NextToken=token)


def test_a_deleted_resource_has_no_tags(rig):
    name, _ = group(rig)
    arn = version(rig, name)
    rig.sagemaker.add_tags(ResourceArn=arn, Tags=TAGS)

    rig.sagemaker.delete_model_package(ModelPackageName=arn)

    with pytest.raises(ClientError, match="Could not find resource"):
        rig.sagemaker.list_tags(ResourceArn=arn)
