import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError
from test_model_sources import IMAGE, endpoint

from slipway.sagemaker.service_model import operation_model

INSTANCES = {
    "SupportedTransformInstanceTypes": ["ml.m5.large"],
    "SupportedRealtimeInferenceInstanceTypes": ["ml.m5.large"],
}


def group(rig, **members):
    name = f"Group-{uuid.uuid4().hex[:12]}"
    made = rig.sagemaker.create_model_package_group(
        ModelPackageGroupName=name, **members
    )
    return name, made["ModelPackageGroupArn"]


def specification(artifact="s3://bucket/model.tar.gz", **container):
    return {
        "Containers": [{"Image": IMAGE, "ModelDataUrl": artifact, **container}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
    }


def version(rig, name, **members):
    request = {"InferenceSpecification": specification(), **members}
    made = rig.sagemaker.create_model_package(ModelPackageGroupName=name, **request)
    return made["ModelPackageArn"]


def described(rig, arn):
    return rig.sagemaker.describe_model_package(ModelPackageName=arn)


def versions(rig, name, **members):
    pages = rig.sagemaker.get_paginator("list_model_packages").paginate(
        ModelPackageGroupName=name, PaginationConfig={"PageSize": 2}, **members
    )
    return [
        each["ModelPackageVersion"]
        for page in pages
        for each in page["ModelPackageSummaryList"]
    ]


def refused(call, **request):
    with pytest.raises(ClientError) as error:
        call(**request)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_versions_of_a_group_are_numbered_and_never_again(rig):
    name, arn = group(rig)
    first, second = version(rig, name), version(rig, arn)

    rig.sagemaker.delete_model_package(ModelPackageName=second)
    third = version(rig, name)

    top = arn.replace("model-package-group", "model-package")
    assert top == top.lower()
    assert [first, second, third] == [f"{top}/{number}" for number in (1, 2, 3)]
    assert versions(rig, name) == [1, 3]
    assert versions(rig, name, SortOrder="Descending") == [3, 1]


def test_versions_made_at_once_all_have_a_number(rig):
    name, _ = group(rig)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: version(rig, name), range(8)))

    assert versions(rig, name) == list(range(1, 9))


def test_a_version_is_described_with_all_that_was_given(rig):
    name, _ = group(rig)
    quality = {"Statistics": {"ContentType": "json", "S3Uri": "s3://b/stats.json"}}
    given = {
        "ModelPackageDescription": "the first",
        "ModelMetrics": {"ModelQuality": quality},
        "MetadataProperties": {"CommitId": "abc"},
        "DriftCheckBaselines": {"ModelQuality": quality},
        "CustomerMetadataProperties": {"owner": "me"},
        "Domain": "MACHINE_LEARNING",
        "Task": "CLASSIFICATION",
    }

    found = described(rig, version(rig, name, **given))

    assert {member: found[member] for member in given} == given
    assert found["InferenceSpecification"] == specification()
    assert found["ModelPackageStatus"] == "Completed"
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    assert (found["ModelPackageGroupName"], found["ModelPackageVersion"]) == (name, 1)
    required = operation_model("sagemaker", "DescribeModelPackage").output_shape
    assert set(required.required_members) <= set(found)


def test_an_approval_is_kept_with_its_reason(rig):
    name, _ = group(rig)
    arn = version(rig, name, CustomerMetadataProperties={"a": "1", "b": "2"})
    version(rig, name)

    rig.sagemaker.update_model_package(
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
        ApprovalDescription="better by far",
        CustomerMetadataProperties={"b": "3", "c": "4"},
        CustomerMetadataPropertiesToRemove=["a"],
    )

    found = described(rig, arn)
    assert found["ModelApprovalStatus"] == "Approved"
    assert found["ApprovalDescription"] == "better by far"
    assert found["CustomerMetadataProperties"] == {"b": "3", "c": "4"}
    assert found["LastModifiedTime"] >= found["CreationTime"]
    assert versions(rig, name, ModelApprovalStatus="Approved") == [1]
    assert versions(rig, name, ModelApprovalStatus="PendingManualApproval") == [2]


def test_specifications_are_added_once(rig):
    name, _ = group(rig)
    arn = version(rig, name)
    more = {"Name": "small", **specification("s3://bucket/small.tar.gz")}
    adding = {"ModelPackageArn": arn, "AdditionalInferenceSpecificationsToAdd": [more]}

    rig.sagemaker.update_model_package(**adding)
    rig.sagemaker.update_model_package(**adding)
    other = {**more, "Description": "another"}
    adding["AdditionalInferenceSpecificationsToAdd"] = [other]
    code, message = refused(rig.sagemaker.update_model_package, **adding)

    assert described(rig, arn)["AdditionalInferenceSpecifications"] == [more]
    assert code == "ValidationException"
    assert "'small' is given twice" in message


def test_a_package_of_its_own_name_has_no_version(rig):
    name = f"package-{uuid.uuid4().hex[:12]}"
    request = {
        "ModelPackageName": name,
        "InferenceSpecification": {**specification(), **INSTANCES},
        "Tags": [{"Key": "owner", "Value": "me"}],
    }
    arn = rig.sagemaker.create_model_package(**request)["ModelPackageArn"]

    found = described(rig, name)
    again = refused(rig.sagemaker.create_model_package, **request)
    list_packages = rig.sagemaker.list_model_packages
    (listed,) = list_packages(NameContains=name)["ModelPackageSummaryList"]
    typed = list_packages(NameContains=name, ModelPackageType="Versioned")

    assert found["ModelPackageArn"] == listed["ModelPackageArn"] == arn
    assert "ModelPackageVersion" not in found
    assert "ModelApprovalStatus" not in found
    assert again == ("ValidationException", f"Model Package already exists: {arn}")
    assert typed["ModelPackageSummaryList"] == []
    tags = rig.sagemaker.list_tags(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "owner", "Value": "me"}]


def test_a_token_makes_one_version(rig):
    name, _ = group(rig)
    arn = version(rig, name, ClientToken=f"token-{name}")

    assert version(rig, name, ClientToken=f"token-{name}") == arn
    code, message = refused(
        rig.sagemaker.create_model_package,
        ModelPackageGroupName=name,
        ModelPackageDescription="other",
        InferenceSpecification=specification(),
        ClientToken=f"token-{name}",
    )
    assert (code, versions(rig, name)) == ("ConflictException", [1])
    assert "used before" in message
    rig.sagemaker.delete_model_package(ModelPackageName=arn)
    assert version(rig, name, ClientToken=f"token-{name}").endswith("/2")


def test_an_update_of_a_token_is_made_once(rig):
    name, _ = group(rig)
    arn = version(rig, name)
    token = f"token-{name}"

    def decide(status, **more):
        rig.sagemaker.update_model_package(
            ModelPackageArn=arn, ModelApprovalStatus=status, **more
        )

    decide("Approved", ClientToken=token)
    decide("Rejected", ClientToken=f"{token}-2")
    decide("Approved", ClientToken=token)
    code, message = refused(decide, status="Rejected", ClientToken=token)

    assert described(rig, arn)["ModelApprovalStatus"] == "Rejected"
    assert (code, "used before" in message) == ("ConflictException", True)
    rig.sagemaker.delete_model_package(ModelPackageName=arn)
    arn = version(rig, name)
    decide("Approved", ClientToken=token)
    assert described(rig, arn)["ModelApprovalStatus"] == "Approved"


@pytest.mark.parametrize("included", ["AllData", "MetadataOnly"])
def test_a_package_without_a_card_is_described_alike(rig, included):
    name, _ = group(rig)
    arn = version(rig, name, ModelPackageDescription="mine")

    found = rig.sagemaker.describe_model_package(
        ModelPackageName=arn, IncludedData=included
    )

    plain = rig.sagemaker.describe_model_package(ModelPackageName=arn)
    assert {**found, "ResponseMetadata": 0} == {**plain, "ResponseMetadata": 0}


def test_a_group_with_packages_stays(rig):
    name, arn = group(rig, ModelPackageGroupDescription="mine")
    package = version(rig, name)
    delete = rig.sagemaker.delete_model_package_group

    code, message = refused(delete, ModelPackageGroupName=name)
    rig.sagemaker.delete_model_package(ModelPackageName=package)
    delete(ModelPackageGroupName=name)

    assert code == "ConflictException"
    assert (
        message == f"Model Package Group {arn} cannot be deleted: it has model packages"
    )
    missing = ("ValidationException", f"ModelPackageGroup {arn} does not exist.")
    assert refused(delete, ModelPackageGroupName=name) == missing


def test_groups_are_described_and_listed(rig):
    name, arn = group(rig, ModelPackageGroupDescription="mine")

    found = rig.sagemaker.describe_model_package_group(ModelPackageGroupName=name)
    listed = rig.sagemaker.list_model_package_groups(NameContains=name)

    assert found["ModelPackageGroupStatus"] == "Completed"
    assert found["CreatedBy"] == {}
    (summary,) = listed["ModelPackageGroupSummaryList"]
    assert summary == {
        "ModelPackageGroupName": name,
        "ModelPackageGroupArn": arn,
        "ModelPackageGroupDescription": "mine",
        "CreationTime": found["CreationTime"],
        "ModelPackageGroupStatus": "Completed",
    }
    again = refused(
        rig.sagemaker.create_model_package_group, ModelPackageGroupName=name.upper()
    )
    assert again == (
        "ValidationException",
        f"Model Package Group already exists: {arn}",
    )


def test_an_approved_version_is_deployed(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    main, small = (own_rig.trained(bucket, answer=each) for each in ("main", "small"))
    name, _ = group(own_rig)
    arn = version(
        own_rig,
        name,
        ModelApprovalStatus="Approved",
        InferenceSpecification=specification(main, Environment={"A": "1"}),
        AdditionalInferenceSpecifications=[{"Name": "small", **specification(small)}],
    )

    first = endpoint(
        own_rig,
        PrimaryContainer={"ModelPackageName": arn, "Environment": {"B": "2"}},
        EnableNetworkIsolation=True,
    )
    chosen = {"ModelPackageName": arn, "InferenceSpecificationName": "small"}
    second = endpoint(own_rig, PrimaryContainer=chosen)

    assert own_rig.ask(first)["answer"] == "main"
    assert own_rig.ask(second)["answer"] == "small"
    model = own_rig.sagemaker.list_models()["Models"][1]["ModelName"]
    container = own_rig.sagemaker.describe_model(ModelName=model)["PrimaryContainer"]
    assert container["ModelPackageName"] == arn
    assert container["Environment"] == {"A": "1", "B": "2"}


def test_only_an_approved_version_becomes_a_model(rig):
    artifact = rig.trained(rig.bucket_with(one=b"first"))
    name, _ = group(rig)
    arn = version(rig, name, InferenceSpecification=specification(artifact))
    request = {"ModelName": name, "Containers": [{"ModelPackageName": arn}]}

    code, message = refused(rig.sagemaker.create_model, **request)
    rig.sagemaker.update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved"
    )
    rig.sagemaker.create_model(**request)

    assert code == "ValidationException"
    assert "PendingManualApproval, and must be Approved" in message


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({}, "Missing ARN."),
        (
            {"ModelPackageName": "a", "ModelPackageGroupName": "b"},
            "Both ModelPackageName and ModelPackageGroupName are provided",
        ),
        ({"ModelPackageGroupName": "never"}, "Model Package Group does not exist."),
        (
            {"ModelPackageGroupName": "x", "Tags": [{"Key": "a", "Value": "b"}]},
            "it uses the tags of its model package group",
        ),
        (
            {"ModelPackageName": "x", "ModelApprovalStatus": "Approved"},
            "ModelApprovalStatus applies only to model packages of a model package",
        ),
        ({"ModelPackageName": "x"}, "Value null at 'supportedTransformInstanceTypes'"),
        (
            {"ModelPackageName": "x", "CertifyForMarketplace": True},
            "value 'True' of 'CertifyForMarketplace'",
        ),
    ],
)
def test_a_package_that_cannot_be_is_refused(rig, members, message):
    code, said = refused(
        rig.sagemaker.create_model_package,
        InferenceSpecification=specification(),
        **members,
    )

    assert code == "ValidationException"
    assert message in said


def test_another_resources_arn_is_no_package(rig):
    name, arn = group(rig)

    for operation in ("describe_model_package", "delete_model_package"):
        answer = refused(getattr(rig.sagemaker, operation), ModelPackageName=arn)
        assert answer == ("ValidationException", f"ModelPackage {arn} does not exist.")
    package = version(rig, name)
    answer = refused(
        rig.sagemaker.delete_model_package_group, ModelPackageGroupName=package[:-2]
    )
    assert answer[0] == "ValidationException"
    assert versions(rig, name) == [1]


def test_packages_survive_a_kill(own_rig):
    name, _ = group(own_rig)
    arn = version(own_rig, name)

    own_rig.server.kill()
    own_rig.start()

    assert described(own_rig, arn)["ModelPackageVersion"] == 1
    assert version(own_rig, name).endswith("/2")
