"""Every supported operation, asked wrongly in each way that AWS has words for."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from test_local_protocol import ARN, ROLE, posted
from test_model_packages import INSTANCES, specification
from test_model_sources import IMAGE

from slipway.sagemaker.service_model import input_shape
from slipway.sagemaker_local.supported.table import OPERATIONS

VALIDATION, IN_USE = "ValidationException", "ResourceInUse"
SERIALIZATION = "SerializationException"
TRAINING_GONE = "Requested resource not found."
PROCESSING_GONE = "Could not find requested job with name: Nope"
VARIANT = {
    "VariantName": "primary",
    "ModelName": "Nope",
    "InitialInstanceCount": 1,
    "InstanceType": "ml.m5.large",
}
TAG = [{"Key": "a", "Value": "b"}]


def gone(noun, kind):
    return f'Could not find {noun} "{ARN}:{kind}/nope".'


MODEL_GONE = gone("model", "model")
CONFIG_GONE = gone("endpoint configuration", "endpoint-config")
ENDPOINT_GONE = gone("endpoint", "endpoint")
GROUP_GONE = f"ModelPackageGroup {ARN}:model-package-group/nope does not exist."
PACKAGE_GONE = f"ModelPackage {ARN}:model-package/nope does not exist."
RESOURCE = f"{ARN}:model/nope"
RESOURCE_GONE = f'Could not find resource "{RESOURCE}".'
WEIGHTS = [{"VariantName": "primary", "DesiredWeight": 1.0}]

#: By operation: a request about what is not there, and the message of its refusal.
MISSING = {
    "AddTags": ({"ResourceArn": RESOURCE, "Tags": TAG}, RESOURCE_GONE),
    "CreateEndpoint": (
        {"EndpointName": "x", "EndpointConfigName": "Nope"},
        CONFIG_GONE,
    ),
    "CreateEndpointConfig": (
        {"EndpointConfigName": "x", "ProductionVariants": [VARIANT]},
        MODEL_GONE,
    ),
    "CreateModel": (
        {"ModelName": "x", "PrimaryContainer": {"ModelPackageName": "Nope"}},
        PACKAGE_GONE,
    ),
    "CreateModelPackage": (
        {
            "ModelPackageGroupName": "Nope",
            "InferenceSpecification": specification(),
        },
        "Model Package Group does not exist.",
    ),
    "DeleteEndpoint": ({"EndpointName": "Nope"}, ENDPOINT_GONE),
    "DeleteEndpointConfig": ({"EndpointConfigName": "Nope"}, CONFIG_GONE),
    "DeleteModel": ({"ModelName": "Nope"}, MODEL_GONE),
    "DeleteModelPackage": ({"ModelPackageName": "Nope"}, PACKAGE_GONE),
    "DeleteModelPackageGroup": ({"ModelPackageGroupName": "Nope"}, GROUP_GONE),
    "DeleteProcessingJob": ({"ProcessingJobName": "Nope"}, PROCESSING_GONE),
    "DeleteTags": ({"ResourceArn": RESOURCE, "TagKeys": ["a"]}, RESOURCE_GONE),
    "DeleteTrainingJob": ({"TrainingJobName": "Nope"}, TRAINING_GONE),
    "DescribeEndpoint": ({"EndpointName": "Nope"}, ENDPOINT_GONE),
    "DescribeEndpointConfig": ({"EndpointConfigName": "Nope"}, CONFIG_GONE),
    "DescribeModel": ({"ModelName": "Nope"}, MODEL_GONE),
    "DescribeModelPackage": ({"ModelPackageName": "Nope"}, PACKAGE_GONE),
    "DescribeModelPackageGroup": ({"ModelPackageGroupName": "Nope"}, GROUP_GONE),
    "DescribeProcessingJob": ({"ProcessingJobName": "Nope"}, PROCESSING_GONE),
    "DescribeTrainingJob": ({"TrainingJobName": "Nope"}, TRAINING_GONE),
    "ListModelPackages": ({"ModelPackageGroupName": "Nope"}, GROUP_GONE),
    "ListTags": ({"ResourceArn": RESOURCE}, RESOURCE_GONE),
    "StopProcessingJob": ({"ProcessingJobName": "Nope"}, PROCESSING_GONE),
    "StopTrainingJob": ({"TrainingJobName": "Nope"}, TRAINING_GONE),
    "UpdateEndpoint": (
        {"EndpointName": "Nope", "EndpointConfigName": "Nope"},
        ENDPOINT_GONE,
    ),
    "UpdateEndpointWeightsAndCapacities": (
        {"EndpointName": "Nope", "DesiredWeightsAndCapacities": WEIGHTS},
        ENDPOINT_GONE,
    ),
    "UpdateModelPackage": (
        {"ModelPackageArn": f"{ARN}:model-package/nope"},
        PACKAGE_GONE,
    ),
}
#: By operation: what AWS says of the second create of a name.
DUPLICATES = {
    "CreateTrainingJob": (
        IN_USE,
        (
            "Training job names must be unique within an AWS account and region, and a "
            f"training job with this name already exists ({ARN}:training-job/{{}})"
        ),
    ),
    "CreateProcessingJob": (
        IN_USE,
        (
            "Job name must be unique within an AWS account and region, and a job with this "
            f"name already exists ({ARN}:processing-job/{{}})"
        ),
    ),
    "CreateModel": (
        VALIDATION,
        f'Cannot create already existing model "{ARN}:model/{{}}".',
    ),
    "CreateEndpointConfig": (
        VALIDATION,
        (
            "Cannot create already existing endpoint configuration "
            f'"{ARN}:endpoint-config/{{}}".'
        ),
    ),
    "CreateEndpoint": (
        VALIDATION,
        f'Cannot create already existing endpoint "{ARN}:endpoint/{{}}".',
    ),
    "CreateModelPackage": (
        VALIDATION,
        f"Model Package already exists: {ARN}:model-package/{{}}",
    ),
    "CreateModelPackageGroup": (
        VALIDATION,
        f"Model Package Group already exists: {ARN}:model-package-group/{{}}",
    ),
}


def answered(rig, operation, request):
    """Send a request that no client has checked, and return its refusal."""
    answer = posted(rig, f"SageMaker.{operation}", json.dumps(request).encode())
    content = answer.json() if answer.content else {}
    return content.get("__type", "OK"), content.get("Message", "")


def members(operation):
    shape = input_shape("sagemaker", operation)
    supported = {name.rstrip("!") for name in OPERATIONS[operation]}
    return {name: shape.members[name] for name in sorted(supported)}


def strings(operation, key):
    """Yield the string members of which the model says something."""
    for name, shape in members(operation).items():
        if shape.type_name == "string" and key in shape.metadata:
            yield name, f"{name[0].lower()}{name[1:]}", shape.metadata[key]


@pytest.mark.parametrize("operation", sorted(set(MISSING) & set(OPERATIONS)))
def test_what_is_not_there_is_said_in_awss_words(rig, operation):
    request, message = MISSING[operation]

    assert answered(rig, operation, request) == (VALIDATION, message)


def test_every_operation_on_one_resource_is_in_the_table():
    about_one = ("Describe", "Delete", "Stop", "Update")
    found = {name for name in OPERATIONS if name.startswith(about_one)}
    # Transform jobs have a table of their own.
    assert {name for name in found - set(MISSING) if "Transform" not in name} == set()


@pytest.mark.parametrize(
    "operation",
    [name for name in OPERATIONS if input_shape("sagemaker", name).required_members],
)
def test_a_required_member_that_is_missing_is_named(rig, operation):
    required = input_shape("sagemaker", operation).required_members

    code, message = answered(rig, operation, {})

    assert code == VALIDATION
    for name in required:
        path = f"{name[0].lower()}{name[1:]}"
        assert f"Value null at '{path}' failed to satisfy constraint" in message


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_unknown_member_is_named(rig, operation):
    code, message = answered(rig, operation, {"Nonsense": "x"})

    assert code == VALIDATION
    assert "'Nonsense'" in message


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_member_of_a_wrong_type_cannot_be_read(rig, operation):
    for name, shape in members(operation).items():
        wrong = {"x": 1} if shape.type_name in ("list", "timestamp") else ["x"]

        assert answered(rig, operation, {name: wrong})[0] == SERIALIZATION


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_name_that_is_illegal_is_refused_with_its_pattern(rig, operation):
    illegal = "-no name!\u0007/"
    for name, path, pattern in strings(operation, "pattern"):
        code, message = answered(rig, operation, {name: illegal})

        text = f"at '{path}' failed to satisfy constraint: Member must satisfy regular"
        if not pattern.startswith((".", "(https|s3)")):
            assert (name, code, text in message) == (name, VALIDATION, True)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_name_that_is_too_long_is_refused_with_its_limit(rig, operation):
    for name, path, most in strings(operation, "max"):
        code, message = answered(rig, operation, {name: "x" * (most + 1)})

        text = f"at '{path}' failed to satisfy constraint: Member must have length less"
        assert (name, code, text in message) == (name, VALIDATION, True)


@pytest.fixture(scope="module")
def requests(rig):
    """Return a function from a name to the request of each create operation."""
    bucket = rig.bucket_with(one=b"first")
    base = f"base-{uuid.uuid4().hex[:12]}"
    variant = {**VARIANT, "ModelName": base}
    container = {"Image": IMAGE, "ModelDataUrl": rig.trained(bucket)}
    rig.sagemaker.create_model(ModelName=base, PrimaryContainer=container)
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=base, ProductionVariants=[variant]
    )
    size = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}

    def made(name):
        return {
            "CreateTrainingJob": {
                "TrainingJobName": name,
                "AlgorithmSpecification": {
                    "TrainingImage": IMAGE,
                    "TrainingInputMode": "File",
                },
                "RoleArn": ROLE,
                "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/models"},
                "ResourceConfig": size,
            },
            "CreateProcessingJob": {
                "ProcessingJobName": name,
                "AppSpecification": {"ImageUri": IMAGE},
                "RoleArn": ROLE,
                "ProcessingResources": {"ClusterConfig": size},
            },
            "CreateModel": {"ModelName": name, "PrimaryContainer": container},
            "CreateEndpointConfig": {
                "EndpointConfigName": name,
                "ProductionVariants": [variant],
            },
            "CreateEndpoint": {"EndpointName": name, "EndpointConfigName": base},
            "CreateModelPackage": {
                "ModelPackageName": name,
                "InferenceSpecification": {**specification(), **INSTANCES},
            },
            "CreateModelPackageGroup": {"ModelPackageGroupName": name},
        }

    return made


@pytest.mark.parametrize("operation", DUPLICATES)
def test_of_many_identical_creates_at_once_one_wins(rig, requests, operation):
    name = f"Twice-{uuid.uuid4().hex[:12]}"
    code, message = DUPLICATES[operation]
    request = requests(name)[operation]

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: answered(rig, operation, request), range(8)))

    # Names that differ only in case are one name: so are their ARNs.
    again = answered(rig, operation, requests(name.upper())[operation])
    refusal = (code, message.format(name.lower()))
    assert sorted(outcomes) == sorted([("OK", ""), *[refusal] * 7])
    assert again == refusal


def test_every_create_is_in_the_table_of_duplicates():
    creates = {name for name in OPERATIONS if name.startswith("Create")}

    assert {
        name for name in creates - set(DUPLICATES) if "Transform" not in name
    } == set()


def test_a_refused_create_leaves_nothing(rig, requests):
    name = f"never-{uuid.uuid4().hex[:12]}"
    reserved = [{"Key": "AWS:mine", "Value": "x"}]
    twice = [*TAG, *TAG]
    for operation, request in requests(name).items():
        for tags in (reserved, twice):
            code, _ = answered(rig, operation, {**request, "Tags": tags})
            assert (operation, code) == (operation, VALIDATION)

    for operation in ("DescribeModel", "DescribeTrainingJob", "DescribeEndpoint"):
        (member,) = input_shape("sagemaker", operation).required_members
        assert answered(rig, operation, {member: name})[0] == VALIDATION
