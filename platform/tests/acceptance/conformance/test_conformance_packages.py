import pytest
from conformance_claims import documented, ours
from conformance_rig import INSTANCE_TYPE, refused


@pytest.fixture(scope="module")
def group(rig):
    """A group of model packages."""
    name = rig.name()
    rig.sagemaker.create_model_package_group(
        ModelPackageGroupName=name, ModelPackageGroupDescription="conformance"
    )
    return name


@pytest.fixture(scope="module")
def register(rig):
    """Registers a version in a group and returns its ARN."""

    def made(group, **changes):
        container = {
            "Image": rig.target.image,
            "ModelDataUrl": rig.artifact(answer="packaged"),
        }
        specification = {
            "Containers": [container],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
            "SupportedRealtimeInferenceInstanceTypes": [INSTANCE_TYPE],
            "SupportedTransformInstanceTypes": [INSTANCE_TYPE],
        }
        return rig.sagemaker.create_model_package(
            ModelPackageGroupName=group,
            InferenceSpecification=specification,
            **changes,
        )["ModelPackageArn"]

    return made


def numbers(rig, group, **request):
    found = rig.sagemaker.list_model_packages(ModelPackageGroupName=group, **request)
    listed = found["ModelPackageSummaryList"]
    return [each["ModelPackageVersion"] for each in listed]


@documented(
    "CreateModelPackageGroup", "A model group contains a group of model versions."
)
def test_a_group_is_described_and_listed(rig, group):
    found = rig.sagemaker.describe_model_package_group(ModelPackageGroupName=group)
    listed = rig.sagemaker.list_model_package_groups(NameContains=group)
    [only] = listed["ModelPackageGroupSummaryList"]

    assert found["ModelPackageGroupArn"] == rig.arn("model-package-group", group)
    assert found["ModelPackageGroupStatus"] == "Completed"
    assert found["ModelPackageGroupDescription"] == "conformance"
    assert only["ModelPackageGroupArn"] == found["ModelPackageGroupArn"]


@documented(
    "CreateModelPackage",
    "Versioned - a model that is part of a model group in the model registry.",
)
@documented("DescribeModelPackage", "The version of the model package.")
def test_versions_of_a_group_are_numbered(rig, register):
    group = rig.name()
    rig.sagemaker.create_model_package_group(ModelPackageGroupName=group)
    first, second = register(group), register(group)
    found = rig.sagemaker.describe_model_package(ModelPackageName=second)

    assert first == rig.arn("model-package", f"{group}/1")
    assert second == rig.arn("model-package", f"{group}/2")
    assert (found["ModelPackageGroupName"], found["ModelPackageVersion"]) == (group, 2)
    assert found["ModelPackageStatus"] == "Completed"
    assert numbers(rig, group, SortOrder="Ascending") == [1, 2]
    assert numbers(rig, group, SortOrder="Descending") == [2, 1]


@documented(
    "ListModelPackages",
    "A filter that returns only the model packages with the specified approval status.",
)
@documented("UpdateModelPackage", "A description for the approval status of the model.")
def test_a_version_is_approved(rig, group, register):
    arn = register(group, ModelApprovalStatus="PendingManualApproval")
    pending = rig.sagemaker.describe_model_package(ModelPackageName=arn)
    rig.sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="good"
    )
    found = rig.sagemaker.describe_model_package(ModelPackageName=arn)

    assert pending["ModelApprovalStatus"] == "PendingManualApproval"
    assert found["ModelApprovalStatus"] == "Approved"
    assert found["ApprovalDescription"] == "good"
    approved = numbers(rig, group, ModelApprovalStatus="Approved")
    assert found["ModelPackageVersion"] in approved


@documented(
    "CreateModelPackage",
    "For versioned models, the value of this parameter must be set to Approved to "
    "deploy the model.",
)
def test_only_an_approved_version_becomes_a_model(rig, group, register):
    arn, name = register(group, ModelApprovalStatus="Rejected"), rig.name()
    request = {
        "ModelName": name,
        "ExecutionRoleArn": rig.target.role,
        "Containers": [{"ModelPackageName": arn}],
    }
    code, _ = refused(rig.sagemaker.create_model, **request)
    rig.sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved"
    )
    rig.sagemaker.create_model(**request)
    found = rig.sagemaker.describe_model(ModelName=name)

    assert code == "ValidationException"
    assert found["Containers"][0]["ModelPackageName"] == arn


@documented("DeleteModelPackage", "Deletes a model package.")
def test_a_version_is_deleted(rig, group, register):
    arn = register(group)
    rig.sagemaker.delete_model_package(ModelPackageName=arn)
    code, message = refused(rig.sagemaker.describe_model_package, ModelPackageName=arn)

    assert code == "ValidationException"
    assert message == f"ModelPackage {arn} does not exist."


@ours("a group is deleted when its packages are")
def test_a_group_with_versions_is_not_deleted(rig, register):
    name = rig.name()
    rig.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    arn = register(name)
    code, _ = refused(
        rig.sagemaker.delete_model_package_group, ModelPackageGroupName=name
    )
    rig.sagemaker.delete_model_package(ModelPackageName=arn)
    rig.sagemaker.delete_model_package_group(ModelPackageGroupName=name)
    gone, _ = refused(
        rig.sagemaker.describe_model_package_group, ModelPackageGroupName=name
    )

    assert code in {"ConflictException", "ValidationException"}
    assert gone == "ValidationException"


@ours("a group's name is taken once")
def test_a_groups_name_is_taken_once(rig, group):
    code, message = refused(
        rig.sagemaker.create_model_package_group, ModelPackageGroupName=group
    )

    arn = rig.arn("model-package-group", group)
    assert code == "ValidationException"
    assert message == f"Model Package Group already exists: {arn}"
