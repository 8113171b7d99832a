import uuid

import pytest
from botocore.exceptions import ClientError

OPERATIONS = {
    "list_models": "Models",
    "list_endpoint_configs": "EndpointConfigs",
    "list_endpoints": "Endpoints",
    "list_training_jobs": "TrainingJobSummaries",
    "list_processing_jobs": "ProcessingJobSummaries",
}


@pytest.fixture(scope="module")
def models(rig):
    """Five models of a prefix of their own, in the order of their creation."""
    prefix = f"Listed-{uuid.uuid4().hex[:8]}"
    artifact = rig.trained(rig.bucket_with(one=b"first"))
    names = [f"{prefix}-{letter}" for letter in "bdaec"]
    for name in names:
        model(rig, name, artifact)
    return prefix, names, artifact


def model(rig, name, artifact):
    image = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:test"
    rig.sagemaker.create_model(
        ModelName=name, PrimaryContainer={"Image": image, "ModelDataUrl": artifact}
    )


def listed(rig, prefix, **request):
    pages = rig.sagemaker.get_paginator("list_models").paginate(
        NameContains=prefix, PaginationConfig={"PageSize": 2}, **request
    )
    return [each["ModelName"] for page in pages for each in page["Models"]]


def test_models_are_listed_newest_first(rig, models):
    prefix, names, _ = models

    assert listed(rig, prefix) == names[::-1]
    assert listed(rig, prefix, SortOrder="Ascending") == names


def test_models_are_listed_by_name(rig, models):
    prefix, names, _ = models

    assert listed(rig, prefix, SortBy="Name", SortOrder="Ascending") == sorted(names)
    assert listed(rig, prefix, SortBy="Name") == sorted(names, reverse=True)


def test_a_page_follows_whatever_was_added_meanwhile(rig, models):
    prefix, names, artifact = models
    asked = {"NameContains": prefix, "MaxResults": 2}
    first = rig.sagemaker.list_models(**asked)
    model(rig, f"{prefix}-later", artifact)

    rest = rig.sagemaker.list_models(
        NameContains=prefix, MaxResults=100, NextToken=first["NextToken"]
    )

    found = [each["ModelName"] for each in first["Models"] + rest["Models"]]
    assert found == names[::-1]
    rig.sagemaker.delete_model(ModelName=f"{prefix}-later")


def test_names_are_found_in_any_case(rig, models):
    prefix, names, _ = models

    assert listed(rig, prefix.upper()) == names[::-1]


def test_a_token_of_another_order_is_refused(rig, models):
    prefix, _, _ = models
    first = rig.sagemaker.list_models(NameContains=prefix, MaxResults=2)

    with pytest.raises(ClientError, match="Invalid NextToken"):
        rig.sagemaker.list_models(SortBy="Name", NextToken=first["NextToken"])
    with pytest.raises(ClientError, match="Invalid NextToken"):
        rig.sagemaker.list_models(SortOrder="Ascending", NextToken=first["NextToken"])


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("token", ["x", "W10=", "bnVsbA==", "e30="])
def test_a_token_that_is_no_token_is_refused(rig, operation, token):
    with pytest.raises(ClientError, match="Invalid NextToken"):
        getattr(rig.sagemaker, operation)(NextToken=token)


@pytest.mark.parametrize(("operation", "summaries"), OPERATIONS.items())
def test_what_is_created_later_than_tomorrow_is_nothing(rig, operation, summaries):
    answer = getattr(rig.sagemaker, operation)(CreationTimeAfter=4_000_000_000)

    assert answer[summaries] == []
    assert "NextToken" not in answer


def test_a_config_and_an_endpoint_are_listed_with_what_aws_shows(rig, models):
    _, _, artifact = models
    endpoint = rig.endpoint(rig.config(artifact))

    (found,) = rig.sagemaker.list_endpoints(
        NameContains=endpoint, StatusEquals="InService"
    )["Endpoints"]
    config = rig.sagemaker.list_endpoint_configs(MaxResults=1)["EndpointConfigs"][0]

    times = {"CreationTime", "LastModifiedTime"}
    assert set(found) == {"EndpointName", "EndpointArn", "EndpointStatus"} | times
    members = {"EndpointConfigName", "EndpointConfigArn", "CreationTime"}
    assert set(config) == members
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_jobs_are_listed_by_status_and_time(rig):
    bucket = rig.bucket_with(one=b"first")
    prefix = f"timed-{bucket}"
    good, bad = (f"{prefix}-{what}" for what in ("good", "bad"))
    rig.start_training(bucket, name=good)
    rig.start_training(bucket, name=bad, HyperParameters={"fail": "yes"})
    first, second = rig.training(good), rig.training(bad)
    list_jobs = rig.sagemaker.list_training_jobs

    def names(**asked):
        answer = list_jobs(NameContains=prefix, **asked)
        return [each["TrainingJobName"] for each in answer["TrainingJobSummaries"]]

    assert names() == [good, bad]
    assert names(SortBy="Status") == [good, bad]
    assert names(SortBy="Status", SortOrder="Descending") == [bad, good]
    assert names(StatusEquals="Failed") == [bad]
    assert names(StatusEquals="Failed", SortBy="Name") == [bad]
    modified = second["LastModifiedTime"]
    assert names(LastModifiedTimeAfter=modified.timestamp() + 2) == []
    assert names(CreationTimeBefore=first["CreationTime"].timestamp() - 2) == []
    (summary,) = list_jobs(NameContains=bad)["TrainingJobSummaries"]
    assert summary["TrainingJobStatus"] == summary["SecondaryStatus"] == "Failed"
    assert summary["TrainingEndTime"] == second["TrainingEndTime"]


@pytest.mark.parametrize(
    "member",
    [
        {"WarmPoolStatusEquals": "InUse"},
        {
            "TrainingPlanArnEquals": "arn:aws:sagemaker:eu-west-1:000000000000:"
            "training-plan/x"
        },
    ],
)
def test_filters_of_what_is_not_here_are_refused_by_name(rig, member):
    (name,) = member
    with pytest.raises(ClientError, match=f"does not support the member '{name}'"):
        rig.sagemaker.list_training_jobs(**member)
