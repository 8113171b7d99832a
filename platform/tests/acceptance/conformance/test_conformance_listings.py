import datetime as dt
from itertools import chain

import pytest
from conformance_claims import documented, ours
from conformance_requests import model, processing, training, transform, variant
from conformance_rig import INSTANCE_TYPE, refused

#: Of each listing: what it answers, what names an item, and the order it has by itself.
LISTINGS = {
    "list_training_jobs": ("TrainingJobSummaries", "TrainingJobName"),
    "list_processing_jobs": ("ProcessingJobSummaries", "ProcessingJobName"),
    "list_transform_jobs": ("TransformJobSummaries", "TransformJobName"),
    "list_models": ("Models", "ModelName"),
    "list_endpoint_configs": ("EndpointConfigs", "EndpointConfigName"),
    "list_endpoints": ("Endpoints", "EndpointName"),
    "list_model_package_groups": (
        "ModelPackageGroupSummaryList",
        "ModelPackageGroupName",
    ),
    "list_model_packages": ("ModelPackageSummaryList", "ModelPackageName"),
}
JOBS = ["list_training_jobs", "list_processing_jobs", "list_transform_jobs"]
each_listing = pytest.mark.parametrize("listing", LISTINGS)


@pytest.fixture(scope="module")
def stem(rig):
    """The beginning of the names of three resources of each kind."""
    stem = rig.name()
    artifact = rig.artifact()
    for letter in "abc":
        name = f"{stem}-{letter}"
        rig.sagemaker.create_training_job(**training(rig, name))
        rig.sagemaker.create_processing_job(**processing(rig, name))
        rig.sagemaker.create_model(**model(rig, name, artifact))
        rig.sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[variant(name)]
        )
        rig.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        rig.sagemaker.create_transform_job(**transform(rig, name, name))
        rig.sagemaker.create_model_package_group(ModelPackageGroupName=name)
        rig.sagemaker.create_model_package(
            ModelPackageName=name, InferenceSpecification=inference(rig, artifact)
        )
    for letter in "abc":
        name = f"{stem}-{letter}"
        rig.settled("training job", name)
        rig.settled("processing job", name)
        rig.settled("transform job", name)
        rig.settled("endpoint", name)
    return stem


@pytest.fixture
def names(rig, stem):
    """Lists by a filter, and returns the last letter of each name."""

    def listed(listing, **request):
        items, member = LISTINGS[listing]
        found = getattr(rig.sagemaker, listing)(NameContains=stem, **request)
        return [each[member][-1] for each in found[items]]

    return listed


@documented("ListTrainingJobs", "The default is CreationTime.")
@documented("ListEndpoints", "The default is CreationTime.")
@each_listing
def test_a_listing_is_sorted_by_time_and_name_both_ways(names, listing):
    for key in ("CreationTime", "Name"):
        assert names(listing, SortBy=key, SortOrder="Ascending") == ["a", "b", "c"]
        assert names(listing, SortBy=key, SortOrder="Descending") == ["c", "b", "a"]


@documented("ListTrainingJobs", "The default is Ascending.")
@documented("ListProcessingJobs", "The default is Ascending.")
@documented("ListModelPackages", "The default is Ascending.")
@documented("ListModelPackageGroups", "The default is Ascending.")
@pytest.mark.parametrize(
    "listing",
    [
        "list_training_jobs",
        "list_processing_jobs",
        "list_model_packages",
        "list_model_package_groups",
    ],
)
def test_a_listing_begins_with_the_oldest(names, listing):
    assert names(listing) == ["a", "b", "c"]


@documented("ListModels", "The default is Descending.")
@documented("ListEndpoints", "The default is Descending.")
@documented("ListEndpointConfigs", "The default is Descending.")
@documented("ListTransformJobs", "The default is Descending.")
@pytest.mark.parametrize(
    "listing",
    ["list_models", "list_endpoint_configs", "list_endpoints", "list_transform_jobs"],
)
def test_a_listing_of_hosting_and_transforms_begins_with_the_newest(names, listing):
    assert names(listing) == ["c", "b", "a"]


@documented(
    "ListTrainingJobs",
    "This filter returns only training jobs whose name contains the specified string.",
)
@each_listing
def test_a_listing_is_filtered_by_name(rig, stem, listing):
    items, member = LISTINGS[listing]
    found = getattr(rig.sagemaker, listing)(NameContains=f"{stem}-b")[items]

    assert [each[member] for each in found] == [f"{stem}-b"]


@documented(
    "ListTrainingJobs",
    "A filter that returns only training jobs created after the specified time "
    "(timestamp).",
)
@each_listing
def test_a_listing_is_filtered_by_time(rig, stem, names, listing):
    items, member = LISTINGS[listing]
    call = getattr(rig.sagemaker, listing)
    found = {each[member][-1]: each for each in call(NameContains=stem)[items]}
    middle = found["b"]["CreationTime"]
    # The answer's timestamps may be coarser than what is compared.
    margin = dt.timedelta(milliseconds=2)

    assert "a" not in names(listing, CreationTimeAfter=middle + margin)
    assert "c" not in names(listing, CreationTimeBefore=middle - margin)
    assert names(listing, CreationTimeAfter=middle + dt.timedelta(days=1)) == []


@documented(
    "ListTrainingJobs",
    "To retrieve the next set of training jobs, use the token in the next request.",
)
@each_listing
def test_a_listing_goes_on_where_its_token_says(rig, stem, listing):
    items, member = LISTINGS[listing]
    call, seen, token = getattr(rig.sagemaker, listing), [], {}
    while True:
        page = call(NameContains=stem, SortBy="Name", MaxResults=2, **token)
        seen.append([each[member][-1] for each in page[items]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}

    assert [len(each) for each in seen] == [2, 1]
    assert sorted(chain(*seen)) == ["a", "b", "c"]


@ours("a token that no answer gave is a ValidationException")
@each_listing
def test_a_token_that_is_none(rig, listing):
    code, _ = refused(getattr(rig.sagemaker, listing), NextToken="none-such")

    assert code == "ValidationException"


@documented(
    "ListTrainingJobs",
    "A filter that retrieves only training jobs with a specific status.",
)
@documented(
    "ListProcessingJobs",
    "A filter that retrieves only processing jobs with a specific status.",
)
@documented(
    "ListTransformJobs",
    "A filter that retrieves only transform jobs with a specific status.",
)
@pytest.mark.parametrize("listing", JOBS)
def test_a_listing_of_jobs_is_filtered_by_status(names, listing):
    assert sorted(names(listing, StatusEquals="Completed")) == ["a", "b", "c"]
    assert names(listing, StatusEquals="Failed") == []


@documented(
    "ListTrainingJobs",
    "the MaxResults number of training jobs are first retrieved ignoring the "
    "StatusEquals parameter and then they are filtered by the StatusEquals parameter",
)
def test_a_page_of_training_jobs_is_cut_before_it_is_filtered(rig, stem, names):
    request = {"StatusEquals": "Failed", "MaxResults": 2, "SortBy": "Name"}
    page = rig.sagemaker.list_training_jobs(NameContains=stem, **request)

    assert page["TrainingJobSummaries"] == []
    assert page["NextToken"]
    assert names("list_training_jobs", StatusEquals="Completed", MaxResults=3) == [
        *"abc"
    ]


@documented(
    "ListEndpoints", "A filter that returns only endpoints with the specified status."
)
def test_a_listing_of_endpoints_is_filtered_by_status(names):
    assert names("list_endpoints", StatusEquals="InService") == ["c", "b", "a"]
    assert names("list_endpoints", StatusEquals="Failed") == []


@documented("ListTrainingJobs", "The Amazon Resource Name (ARN) of the training job.")
@documented("ListEndpoints", "The Amazon Resource Name (ARN) of the endpoint.")
@each_listing
def test_each_item_says_its_arn_and_its_time(rig, stem, listing):
    items, member = LISTINGS[listing]
    for each in getattr(rig.sagemaker, listing)(NameContains=stem)[items]:
        assert each[member.replace("Name", "Arn")].endswith(f"/{each[member]}")
        assert each["CreationTime"]


@documented(
    "ListTransformJobs",
    "A filter that returns only transform jobs modified after the specified time.",
)
@documented(
    "ListEndpoints",
    "A filter that returns only endpoints that were modified after the specified "
    "timestamp.",
)
@pytest.mark.parametrize("listing", [*JOBS, "list_endpoints"])
def test_a_listing_is_filtered_by_the_last_change(names, listing):
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)

    assert names(listing, LastModifiedTimeAfter=tomorrow) == []
    assert len(names(listing, LastModifiedTimeBefore=tomorrow)) == 3


@documented("ListTrainingJobs", "The default is CreationTime.")
@ours("a listing of jobs may be sorted by status, and of equal ones by name or time")
@pytest.mark.parametrize("listing", JOBS)
def test_a_listing_of_jobs_is_sorted_by_status(names, listing):
    assert sorted(names(listing, SortBy="Status")) == ["a", "b", "c"]


@documented(
    "ListModelPackages",
    "A filter that returns only the model packages with the specified approval status.",
)
@documented(
    "ListModelPackages",
    "A filter that returns only model versions that belong to the specified model group.",
)
def test_versions_are_listed_by_group_type_and_approval(rig, stem, names):
    group, artifact = f"{stem}-a", rig.artifact()
    for status in ("Approved", "Rejected"):
        rig.sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ModelApprovalStatus=status,
            InferenceSpecification=inference(rig, artifact),
        )

    def versions(**request):
        found = rig.sagemaker.list_model_packages(**request)
        return [
            each["ModelPackageVersion"] for each in found["ModelPackageSummaryList"]
        ]

    assert versions(ModelPackageGroupName=group) == [1, 2]
    assert versions(ModelPackageGroupName=group, ModelApprovalStatus="Rejected") == [2]
    assert names("list_model_packages", ModelPackageType="Unversioned") == [*"abc"]


def inference(rig, artifact):
    """Return the specification of a package of the run's container."""
    return {
        "Containers": [{"Image": rig.target.image, "ModelDataUrl": artifact}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedRealtimeInferenceInstanceTypes": [INSTANCE_TYPE],
        "SupportedTransformInstanceTypes": [INSTANCE_TYPE],
    }
