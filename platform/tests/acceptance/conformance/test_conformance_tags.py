import pytest
from conformance_claims import documented, ours
from conformance_requests import model
from conformance_rig import refused

FIRST = [{"Key": "team", "Value": "risk"}]


@pytest.fixture
def arn(rig):
    """A model that has a tag."""
    request = model(rig, rig.name(), rig.artifact(), Tags=FIRST)
    return rig.sagemaker.create_model(**request)["ModelArn"]


def tags(rig, arn):
    found = rig.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    return {each["Key"]: each["Value"] for each in found}


@documented("CreateModel", "An array of key-value pairs.")
def test_a_resource_keeps_the_tags_of_its_creation(rig, arn):
    assert tags(rig, arn) == {"team": "risk"}


@documented("ListTags", "Returns the tags for the specified SageMaker resource.")
def test_a_jobs_tags_are_listed(rig, trained):
    assert tags(rig, trained["TrainingJobArn"]) == {"team": "risk"}


@documented(
    "AddTags",
    "Adds or overwrites one or more tags for the specified SageMaker resource.",
)
def test_a_tag_is_added_or_overwritten(rig, arn):
    new = [{"Key": "team", "Value": "fraud"}, {"Key": "cost", "Value": "7"}]
    rig.sagemaker.add_tags(ResourceArn=arn, Tags=new)

    assert tags(rig, arn) == {"team": "fraud", "cost": "7"}


@documented("DeleteTags", "Deletes the specified tags from an SageMaker resource.")
def test_a_tag_is_deleted(rig, arn):
    rig.sagemaker.add_tags(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "7"}])
    rig.sagemaker.delete_tags(ResourceArn=arn, TagKeys=["team", "none-such"])

    assert tags(rig, arn) == {"cost": "7"}


@documented("AddTags", "Tag keys must be unique per resource.")
def test_a_key_is_given_once(rig, arn):
    code, _ = refused(
        rig.sagemaker.add_tags, ResourceArn=arn, Tags=[FIRST[0], FIRST[0]]
    )

    assert code == "ValidationException"
    assert tags(rig, arn) == {"team": "risk"}


@ours("botocore's model allows 50 tags in a request, and so for a resource")
def test_a_resource_has_fifty_tags_at_most(rig, arn):
    many = [{"Key": f"key-{number}", "Value": ""} for number in range(50)]
    code, _ = refused(rig.sagemaker.add_tags, ResourceArn=arn, Tags=many)

    assert code in {"ValidationException", "ResourceLimitExceeded"}
    assert tags(rig, arn) == {"team": "risk"}


@ours("tags of a resource that is not there are refused")
def test_tags_need_their_resource(rig):
    code, _ = refused(
        rig.sagemaker.add_tags,
        ResourceArn=rig.arn("model", "no-such-model"),
        Tags=FIRST,
    )

    assert code in {"ValidationException", "ResourceNotFound"}
