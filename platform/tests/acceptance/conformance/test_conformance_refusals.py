import pytest
from conformance_claims import documented, field, ours
from conformance_requests import model, processing, training, variant
from conformance_rig import refused

from slipway.sagemaker_local.fault_switches.rules import Rule

#: What is no name of SageMaker's: too long, or with a sign at a place where it may not be.
ILLEGAL = ["a" * 64, "-a", "a-", "a_b", "a b", "a.b", "é"]
LONGEST = "a" * 63


def detected(place, value):
    return (
        f"detected: Value '{value}' at '{place}' failed to satisfy constraint: Member"
    )


@ours("AWS's patterns are those of botocore's model; its text is that of its services")
@pytest.mark.parametrize("name", ILLEGAL)
def test_an_illegal_name_of_a_training_job(rig, name):
    request = training(rig, name)
    code, message = refused(rig.sagemaker.create_training_job, **request)

    assert code == "ValidationException"
    assert detected("trainingJobName", name) in message


@ours("AWS's patterns are those of botocore's model")
@pytest.mark.parametrize("name", ILLEGAL)
def test_illegal_names_everywhere_else(rig, model_name, name):
    hosted = [variant(model_name)]
    codes = {
        refused(rig.sagemaker.create_processing_job, **processing(rig, name))[0],
        refused(rig.sagemaker.create_model, **model(rig, name, rig.artifact()))[0],
        refused(
            rig.sagemaker.create_endpoint_config,
            EndpointConfigName=name,
            ProductionVariants=hosted,
        )[0],
        refused(
            rig.sagemaker.create_endpoint, EndpointName=name, EndpointConfigName="x"
        )[0],
    }

    assert codes == {"ValidationException"}


@ours("63 characters are the most that botocore's model allows")
def test_the_longest_name_is_taken(rig):
    name = f"{rig.name()}-{LONGEST}"[:63]
    rig.sagemaker.create_model(**model(rig, name, rig.artifact()))

    assert rig.sagemaker.describe_model(ModelName=name)["ModelName"] == name


@ours("AWS tells every constraint that is not satisfied in one message")
def test_two_mistakes_are_told_together(rig):
    request = training(rig, "a_b", RoleArn="nobody-at-all-is-this-role")
    code, message = refused(rig.sagemaker.create_training_job, **request)

    assert code == "ValidationException"
    assert message.startswith("2 validation errors detected: ")


@documented("CreateTrainingJob", "You can specify a maximum of 100 hyperparameters.")
def test_there_are_a_hundred_hyperparameters_at_most(rig):
    wishes = {f"key-{number}": "1" for number in range(101)}
    request = training(rig, rig.name(), HyperParameters=wishes)
    code, _ = refused(rig.sagemaker.create_training_job, **request)

    assert code == "ValidationException"


@documented("CreateTrainingJob", "The maximum value is 28 days.")
def test_a_training_job_takes_28_days_at_most(rig):
    limit = {"MaxRuntimeInSeconds": 28 * 86_400 + 1}
    request = training(rig, rig.name(), StoppingCondition=limit)
    code, _ = refused(rig.sagemaker.create_training_job, **request)

    assert code == "ValidationException"


@ours("an instance type that is none is told with those that are")
def test_an_instance_type_that_is_none(rig):
    resources = {"InstanceCount": 1, "InstanceType": "ml.none", "VolumeSizeInGB": 1}
    request = training(rig, rig.name(), ResourceConfig=resources)
    code, message = refused(rig.sagemaker.create_training_job, **request)

    assert code == "ValidationException"
    assert "Member must satisfy enum value set" in message


@ours("a refused request creates nothing")
def test_a_refused_request_leaves_nothing(rig):
    name = rig.name()
    request = training(rig, name, RoleArn="nobody-at-all-is-this-role")
    refused(rig.sagemaker.create_training_job, **request)
    code, _ = refused(rig.sagemaker.describe_training_job, TrainingJobName=name)

    assert code == "ValidationException"


@field(
    "questions about SageMaker",
    "The account-level service limit 'ml.p3.2xlarge for training job usage' is 0",
)
def test_a_quota_that_is_used_up(rig, target):
    kind = target.scarce or "ml.p3.2xlarge"
    resources = {"InstanceCount": 1, "InstanceType": kind, "VolumeSizeInGB": 1}
    request = training(rig, rig.name(), ResourceConfig=resources)
    if target.server is None:
        if not target.scarce:
            pytest.skip("SLIPWAY_CONFORMANCE_SCARCE names no instance type")
        code, message = refused(rig.sagemaker.create_training_job, **request)
    else:
        with target.server.faults.during(Rule("quota", operation="CreateTrainingJob")):
            code, message = refused(rig.sagemaker.create_training_job, **request)

    limit = f"The account-level service limit '{kind} for training job usage' is 0"
    assert code == "ResourceLimitExceeded"
    assert message.startswith(limit)


@field("questions about SageMaker", "ThrottlingException: Rate exceeded, with HTTP 400")
def test_a_throttled_call(rig, local):
    with local.faults.during(Rule("throttle", operation="ListTrainingJobs")):
        said = refused(rig.sagemaker.list_training_jobs)

    assert said == ("ThrottlingException", "Rate exceeded")


@ours("what is not supported is refused by its name, and never ignored")
def test_a_member_that_is_not_supported_is_named(rig, local):
    secured = training(
        rig,
        rig.name(),
        VpcConfig={"SecurityGroupIds": ["sg-1"], "Subnets": ["subnet-1"]},
    )
    code, message = refused(rig.sagemaker.create_training_job, **secured)

    assert code == "ValidationException"
    assert "'VpcConfig'" in message


@ours("what is not supported is refused by its name, and never ignored")
def test_an_operation_that_is_not_supported_is_named(rig, local):
    code, message = refused(rig.sagemaker.list_notebook_instances)

    assert code == "ValidationException"
    assert "'ListNotebookInstances'" in message
