"""Requests whose members do not fit each other, or what is there."""

import pytest
from conformance_claims import documented, ours
from conformance_requests import model, processing, transform
from conformance_rig import INSTANCE_TYPE, refused

INVALID = "ValidationException"
TAGS = [{"Key": "a", "Value": "b"}]


def specification(rig, **changes):
    return {
        "Containers": [{"Image": rig.target.image}],
        "SupportedContentTypes": ["text/csv"],
        "SupportedResponseMIMETypes": ["text/csv"],
        "SupportedRealtimeInferenceInstanceTypes": [INSTANCE_TYPE],
        "SupportedTransformInstanceTypes": [INSTANCE_TYPE],
        **changes,
    }


def source(address, kind="S3Prefix", compression="None"):
    return {
        "S3DataSource": {
            "S3Uri": address,
            "S3DataType": kind,
            "CompressionType": compression,
        }
    }


def refused_container(rig, **container):
    """Return how CreateModel refuses a container beside its image."""
    request = {
        "ModelName": rig.name(),
        "ExecutionRoleArn": rig.target.role,
        "PrimaryContainer": {"Image": rig.target.image, **container},
    }
    return refused(rig.sagemaker.create_model, **request)


@pytest.fixture(scope="module")
def group(rig):
    name = rig.name()
    rig.sagemaker.create_model_package_group(ModelPackageGroupName=name)
    return name


@pytest.fixture(scope="module")
def version(rig, group):
    """An approved version."""
    return rig.sagemaker.create_model_package(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        InferenceSpecification=specification(rig),
    )["ModelPackageArn"]


@pytest.fixture
def alone(rig):
    """A model package that belongs to no group."""
    name = rig.name()
    made = rig.sagemaker.create_model_package(
        ModelPackageName=name, InferenceSpecification=specification(rig)
    )
    return name, made["ModelPackageArn"]


@ours("a model has its container in one member or in the other")
def test_a_model_has_one_way_to_its_container(rig):
    request = model(rig, rig.name(), rig.artifact())
    container = request.pop("PrimaryContainer")
    both = {**request, "PrimaryContainer": container, "Containers": [container]}

    for given, words in ((both, "PrimaryContainer"), (request, "primaryContainer")):
        code, message = refused(rig.sagemaker.create_model, **given)
        assert code == INVALID
        assert words in message


@ours("the local server has no inference pipelines, and says so")
def test_a_pipeline_of_containers_is_refused_by_name(rig, local):
    request = model(rig, rig.name(), rig.artifact())
    containers = [request.pop("PrimaryContainer")] * 2
    said = refused(rig.sagemaker.create_model, **request, Containers=containers)

    assert said[0] == INVALID
    assert "'Containers'" in said[1]


@ours("a model of an image that is not there is refused, not made")
def test_an_image_must_be_there(rig):
    repository = rig.target.image.rpartition(":")[0]
    code, message = refused_container(rig, Image=f"{repository}:no-such-tag")

    assert code == INVALID
    assert "no-such-tag" in message


@ours("a model without its artifact is refused, not made")
def test_model_data_must_be_there(rig):
    address = f"{rig.folder}/none/model.tar.gz"
    code, message = refused_container(rig, ModelDataUrl=address)

    assert code == INVALID
    assert message.startswith(f"Could not find model data at {address}")


@documented(
    "CreateModel",
    "A valid key name prefix identified by S3Uri always ends with a forward slash (/).",
)
@ours("which of two addresses is meant is not guessed")
def test_model_data_is_in_one_place_and_in_a_form_that_there_is(rig):
    artifact = rig.artifact()
    folder = f"{rig.folder}/in"
    given = (
        {"ModelDataUrl": artifact, "ModelDataSource": source(f"{folder}/")},
        {"ModelDataSource": source(f"{folder}/", compression="Gzip")},
        {"ModelDataSource": source(folder)},
    )

    for container in given:
        assert refused_container(rig, **container)[0] == INVALID


@ours("a package has the specification that a model asks for")
def test_a_specification_must_be_one_of_its_package(rig, version):
    container = {"ModelPackageName": version, "InferenceSpecificationName": "none"}
    code, message = refused(
        rig.sagemaker.create_model,
        ModelName=rig.name(),
        ExecutionRoleArn=rig.target.role,
        Containers=[container],
    )

    assert code == INVALID
    assert "'none'" in message


@documented("CreateModelPackage", "In this case, you cannot supply a tag argument.")
@ours("a package has a group or a name, and what is only of versions no other has")
def test_a_package_is_a_version_or_has_a_name(rig, group):
    name = rig.name()
    given = (
        {"ModelPackageName": name, "ModelPackageGroupName": group},
        {},
        {"ModelPackageGroupName": group, "Tags": TAGS},
        {"ModelPackageName": name, "ModelApprovalStatus": "Approved"},
        {"ModelPackageGroupName": rig.name()},
    )

    for members in given:
        code, _ = refused(
            rig.sagemaker.create_model_package,
            InferenceSpecification=specification(rig),
            **members,
        )
        assert code == INVALID


@ours("a name is taken once, as of every resource")
def test_a_packages_name_is_taken_once(rig, alone):
    name, _ = alone
    code, message = refused(
        rig.sagemaker.create_model_package,
        ModelPackageName=name,
        InferenceSpecification=specification(rig),
    )

    assert code == INVALID
    assert "already exists" in message


@ours("only a version is approved")
def test_only_versions_are_updated(rig, alone):
    _, arn = alone
    code, _ = refused(
        rig.sagemaker.update_model_package,
        ModelPackageArn=arn,
        ModelApprovalStatus="Approved",
    )

    assert code == INVALID


@documented(
    "CreateModelPackage",
    "A unique token that guarantees that the call to this API is idempotent.",
)
def test_a_token_is_of_one_request(rig, group):
    token = rig.name()

    def create(**changes):
        return rig.sagemaker.create_model_package(
            ModelPackageGroupName=group,
            ClientToken=token,
            InferenceSpecification=specification(rig),
            **changes,
        )["ModelPackageArn"]

    assert create() == create()
    code, _ = refused(create, ModelPackageDescription="another")
    assert code == "ConflictException"


@documented(
    "UpdateModelPackage",
    "Total number of additional Inference Specifications can not exceed 15.",
)
@documented(
    "UpdateModelPackage",
    "The name must be unique within the list of your additional inference specifications "
    "for a particular model package.",
)
def test_specifications_are_fifteen_at_most_and_each_has_its_name(rig, version):
    def added(names):
        containers = [{"Image": rig.target.image}]
        return [{"Name": each, "Containers": containers} for each in names]

    def update(names):
        specifications = added(names)
        specifications[0]["Description"] = "the first"
        return rig.sagemaker.update_model_package(
            ModelPackageArn=version,
            AdditionalInferenceSpecificationsToAdd=specifications,
        )

    assert refused(update, names=["same", "same"])[0] == INVALID
    update([f"first-{number}" for number in range(15)])
    assert refused(update, names=["another"])[0] == INVALID


@documented("CreateProcessingJob", "must begin with /opt/ml/processing/")
@ours("an input's name is its own")
def test_inputs_of_a_job_have_places_and_names_of_their_own(rig):
    request = processing(rig, rig.name())
    [given] = request["ProcessingInputs"]
    elsewhere = {**given, "S3Input": {**given["S3Input"], "LocalPath": "/opt/ml/other"}}

    for inputs in ([elsewhere], [given, given]):
        changed = {**request, "ProcessingInputs": inputs}
        assert refused(rig.sagemaker.create_processing_job, **changed)[0] == INVALID


@ours("two parts of a job in one folder would overwrite each other")
def test_inputs_of_a_job_have_folders_of_their_own(rig):
    request = processing(rig, rig.name())
    [given] = request["ProcessingInputs"]
    inputs = [given, {**given, "InputName": "again"}]
    changed = {**request, "ProcessingInputs": inputs}

    assert refused(rig.sagemaker.create_processing_job, **changed)[0] == INVALID


@documented("CreateProcessingJob", "The URI of the Amazon S3 prefix")
@ours("AWS's pattern lets an address begin with https, too, and no job can read it")
def test_a_job_reads_and_writes_s3_only(rig):
    request = processing(rig, rig.name())
    [given] = request["ProcessingInputs"]
    source = {**given["S3Input"], "S3Uri": "https://example.org/data"}
    changed = {**request, "ProcessingInputs": [{**given, "S3Input": source}]}

    assert refused(rig.sagemaker.create_processing_job, **changed)[0] == INVALID


@documented(
    "CreateTransformJob",
    "the value of (MaxConcurrentTransforms * MaxPayloadInMB) also cannot exceed 100 MB.",
)
def test_no_more_payload_is_under_way_than_100_mb(rig, model_name):
    request = transform(rig, rig.name(), model_name)
    code, _ = refused(
        rig.sagemaker.create_transform_job,
        **request,
        MaxPayloadInMB=60,
        MaxConcurrentTransforms=2,
    )

    assert code == INVALID


def joined(rig, model_name, **output):
    request = transform(rig, rig.name(), model_name)
    request["TransformOutput"] |= output
    return {**request, "DataProcessing": {"JoinSource": "Input"}}


@documented(
    "CreateTransformJob",
    "Specifies the source of the data to join with the transformed data.",
)
@ours("what is joined is of one form, and split as it is assembled")
def test_a_join_needs_two_sides_that_are_alike(rig, model_name):
    given = (
        joined(rig, model_name, Accept="image/png"),
        joined(rig, model_name, Accept="application/json"),
        joined(rig, model_name, AssembleWith="None"),
    )

    for request in given:
        assert refused(rig.sagemaker.create_transform_job, **request)[0] == INVALID


@ours("the local server filters records only, and says so")
def test_a_filter_of_an_object_in_chunks_is_refused_by_name(rig, local, model_name):
    request = joined(rig, model_name)
    code, message = refused(
        rig.sagemaker.create_transform_job, **request, MaxPayloadInMB=0
    )

    assert code == INVALID
    assert "DataProcessing" in message


@ours("keys that begin with aws: are AWS's own")
def test_a_tag_of_awss_is_refused(rig, model_name):
    code, message = refused(
        rig.sagemaker.add_tags,
        ResourceArn=rig.arn("model", model_name),
        Tags=[{"Key": "aws:team", "Value": "risk"}],
    )

    assert code == INVALID
    assert "aws:" in message
