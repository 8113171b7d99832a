import socket
import threading

import pytest
from botocore.exceptions import ClientError
from isolated_address import leads_nowhere

from slipway.sagemaker_local.executors.process_images import image_file

IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/toy:test"
ROLE = "arn:aws:iam::000000000000:role/slipway"


@pytest.fixture(scope="module")
def bucket(rig):
    return rig.bucket_with(one=b"first")


@pytest.fixture(scope="module")
def artifact(rig, bucket):
    return rig.trained(bucket, answer="1")


@pytest.fixture(scope="module")
def endpoint(rig, artifact):
    return rig.endpoint(rig.config(artifact))


def code_and_message(error):
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_an_endpoint_answers_with_its_model(rig, endpoint):
    answer = rig.runtime.invoke_endpoint(
        EndpointName=endpoint,
        Body=b"hello",
        ContentType="text/csv",
        Accept="application/json",
        InferenceId="transaction-1",
        CustomAttributes="mine",
        TargetVariant="primary",
    )

    assert answer["InvokedProductionVariant"] == "primary"
    assert answer["CustomAttributes"] == "from-container"
    assert answer["ContentType"] == "application/json"
    said = rig.ask(
        endpoint,
        ContentType="text/csv",
        InferenceId="transaction-1",
        CustomAttributes="mine",
    )
    assert said["answer"] == "1"
    assert said["headers"]["content-type"] == "text/csv"
    assert said["headers"]["x-amzn-sagemaker-inference-id"] == "transaction-1"
    assert said["headers"]["x-amzn-sagemaker-custom-attributes"] == "mine"
    assert "authorization" not in said["headers"]


def test_the_model_folder_is_read_only(rig, endpoint):
    assert rig.ask(endpoint)["writable"] is False


def test_describe_shows_what_serves(rig, endpoint):
    described = rig.sagemaker.describe_endpoint(EndpointName=endpoint)

    assert described["EndpointStatus"] == "InService"
    (variant,) = described["ProductionVariants"]
    assert variant["VariantName"] == "primary"
    assert variant["CurrentInstanceCount"] == 1
    assert variant["DeployedImages"][0]["SpecifiedImage"].endswith("/toy:test")
    assert variant["DeployedImages"][0]["ResolvedImage"].endswith("toy@sha256:toy")


@pytest.fixture
def overwrite(images):
    """Write an image over, as a build under its name does; bring it back afterwards."""
    path = image_file(images, IMAGE)
    text = path.read_text()
    yield lambda: path.write_text(text.replace("sha256:toy", "sha256:another"))
    path.write_text(text)


def test_an_image_is_resolved_when_the_deployment_begins(new_rig, overwrite):
    """What is written over it neither changes the answer, nor is started."""
    rig = new_rig()
    trained = rig.trained(rig.bucket_with(one=b"first"), answer="1")
    endpoint = rig.endpoint(rig.config(trained))
    overwrite()

    wanted = {"VariantName": "primary", "DesiredInstanceCount": 2}
    rig.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=endpoint, DesiredWeightsAndCapacities=[wanted]
    )

    described = rig.settled(endpoint)
    (variant,) = described["ProductionVariants"]
    assert variant["DeployedImages"][0]["ResolvedImage"].endswith("toy@sha256:toy")
    assert variant["CurrentInstanceCount"] == 1
    assert "its tag was written over" in described["FailureReason"]


def test_a_containers_error_is_a_model_error(rig, endpoint):
    with pytest.raises(ClientError) as failed:
        rig.ask(endpoint, b"status 500")

    response = failed.value.response
    assert response["Error"]["Code"] == "ModelError"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 424
    assert response["OriginalStatusCode"] == 500
    expected = 'Received server error (500) from primary with message "'
    assert response["Error"]["Message"].startswith(expected)
    assert f"/aws/sagemaker/Endpoints/{endpoint}" in response["LogStreamArn"]


def test_a_clients_error_is_named_so(rig, endpoint):
    with pytest.raises(ClientError, match=r"Received client error \(400\)"):
        rig.ask(endpoint, b"status 400")


def test_an_unknown_endpoint_or_variant_is_a_validation_error(rig, endpoint):
    with pytest.raises(ClientError) as missing:
        rig.ask("nope")
    with pytest.raises(ClientError) as variant:
        rig.ask(endpoint, TargetVariant="nope")

    text = "Endpoint nope of account 000000000000 not found."
    assert code_and_message(missing) == ("ValidationError", text)
    assert code_and_message(variant)[0] == "ValidationError"


def test_a_body_above_the_limit_is_refused(rig, endpoint):
    with pytest.raises(ClientError, match="less than or equal to 6291456"):
        rig.ask(endpoint, b"x" * 6_291_457)


def test_members_that_are_not_supported_are_named(rig, endpoint):
    with pytest.raises(ClientError, match="does not support the member 'TargetModel'"):
        rig.ask(endpoint, TargetModel="x.tar.gz")


def test_a_second_endpoint_of_a_name_is_refused(rig, endpoint, artifact):
    with pytest.raises(ClientError) as refused:
        rig.sagemaker.create_endpoint(
            EndpointName=endpoint, EndpointConfigName=rig.config(artifact)
        )

    arn = f"arn:aws:sagemaker:eu-west-1:000000000000:endpoint/{endpoint}"
    text = f'Cannot create already existing endpoint "{arn}".'
    assert code_and_message(refused) == ("ValidationException", text)


def test_a_container_that_exits_fails_the_endpoint_at_once(rig, bucket):
    config = rig.config(rig.trained(bucket, mode="crash"))
    name = f"endpoint-crash-{bucket}"

    rig.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)

    found = rig.settled(name)
    assert found["EndpointStatus"] == "Failed"
    assert "did not pass the ping health check" in found["FailureReason"]
    assert "exited with code 7" in found["FailureReason"]
    with pytest.raises(ClientError, match="status Failed"):
        rig.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    rig.sagemaker.delete_endpoint(EndpointName=name)


def test_a_changing_endpoint_refuses_another_change(rig, artifact):
    config = rig.config(artifact)
    name = f"{config}-busy"
    rig.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)

    with pytest.raises(ClientError) as refused:
        rig.sagemaker.delete_endpoint(EndpointName=name)

    assert code_and_message(refused)[1].startswith("Cannot update in-progress endpoint")
    rig.settled(name)


def test_an_update_moves_the_traffic_without_a_failed_request(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    first, second = (own_rig.trained(bucket, answer=n) for n in "12")
    endpoint = own_rig.endpoint(own_rig.config(first))
    answers, errors, done = [], [], threading.Event()

    def ask():
        while not done.is_set():
            try:
                answers.append(own_rig.ask(endpoint)["answer"])
            except ClientError as error:
                errors.append(error)

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    target = own_rig.config(second)
    own_rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=target)
    updated = own_rig.settled(endpoint)
    count = len(answers)
    own_rig.eventually(lambda: len(answers) > count + 50)
    done.set()
    for asker in askers:
        asker.join()

    assert errors == []
    assert updated["EndpointStatus"] == "InService"
    assert updated["EndpointConfigName"] == target
    assert answers[0] == "1"
    assert set(answers[count + 10 :]) == {"2"}


def test_a_failed_update_leaves_the_old_config_in_service(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    good = own_rig.config(own_rig.trained(bucket, answer="1"))
    bad = own_rig.config(own_rig.trained(bucket, mode="crash"))
    endpoint = own_rig.endpoint(good)

    own_rig.sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=bad)
    found = own_rig.settled(endpoint)

    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == good
    assert "did not pass the ping health check" in found["FailureReason"]
    assert own_rig.ask(endpoint)["answer"] == "1"


def test_an_instance_that_dies_is_replaced(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    endpoint = own_rig.endpoint(own_rig.config(own_rig.trained(bucket, answer="1")))

    with pytest.raises(ClientError) as died:
        own_rig.ask(endpoint, b"die")

    assert code_and_message(died)[0] == "ModelError"
    own_rig.eventually(lambda: answers(own_rig, endpoint))
    described = own_rig.sagemaker.describe_endpoint(EndpointName=endpoint)
    assert described["EndpointStatus"] == "InService"


def answers(rig, endpoint):
    try:
        return rig.ask(endpoint)["answer"] == "1"
    except ClientError:
        return False


def test_variants_share_the_traffic_by_weight(rig, artifact, bucket):
    other = rig.trained(bucket, answer="2")
    models = [rig.config(each) for each in (artifact, other)]
    variants = [
        {
            "VariantName": f"v{number}",
            "ModelName": model,
            "InitialInstanceCount": number,
            "InstanceType": "ml.m5.large",
            "InitialVariantWeight": float(weight),
        }
        for number, model, weight in ((1, models[0], 0), (2, models[1], 1))
    ]
    rig.sagemaker.create_endpoint_config(
        EndpointConfigName=f"{models[0]}-two", ProductionVariants=variants
    )

    endpoint = rig.endpoint(f"{models[0]}-two")

    assert {rig.ask(endpoint)["answer"] for _ in range(20)} == {"2"}
    assert rig.ask(endpoint, TargetVariant="v1")["answer"] == "1"


def test_an_update_of_the_config_can_retain_count_and_weight(rig, artifact):
    endpoint = rig.endpoint(rig.config(artifact, InitialInstanceCount=2))

    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=rig.config(artifact),
        RetainAllVariantProperties=True,
    )

    (variant,) = rig.settled(endpoint)["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 2


def test_a_deleted_endpoint_is_gone_and_its_name_is_free(rig, artifact):
    config = rig.config(artifact)
    endpoint = rig.endpoint(config)

    rig.sagemaker.delete_endpoint(EndpointName=endpoint)
    waiter = rig.sagemaker.get_waiter("endpoint_deleted")
    waiter.wait(EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": 180})

    rig.sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=config)
    waiter = rig.sagemaker.get_waiter("endpoint_in_service")
    waiter.wait(EndpointName=endpoint, WaiterConfig={"Delay": 1, "MaxAttempts": 180})


def test_deleting_config_and_model_in_use_does_not_disturb_the_endpoint(rig, artifact):
    config = rig.config(artifact)
    endpoint = rig.endpoint(config)

    rig.sagemaker.delete_endpoint_config(EndpointConfigName=config)
    rig.sagemaker.delete_model(ModelName=config)

    assert rig.ask(endpoint)["answer"] == "1"


def test_the_output_of_an_instance_is_in_the_endpoints_log_group(rig, artifact):
    endpoint = rig.endpoint(rig.config(artifact))
    rig.ask(endpoint)
    group = f"/aws/sagemaker/Endpoints/{endpoint}"

    (stream,) = rig.logs.describe_log_streams(logGroupName=group)["logStreams"]
    reading = {"logGroupName": group, "filterPattern": '"POST /invocations"'}
    (event,) = rig.eventually(lambda: rig.logs.filter_log_events(**reading)["events"])

    assert stream["logStreamName"].startswith("primary/i-")
    assert event["message"] == "POST /invocations HTTP/1.1"


def test_a_container_has_its_models_name_for_it(own_rig):
    artifact = own_rig.trained(own_rig.bucket_with(one=b"first"), answer="1")
    config, unnamed = own_rig.config(artifact), own_rig.config(artifact)
    own_rig.sagemaker.delete_model(ModelName=config)
    own_rig.sagemaker.create_model(
        ModelName=config,
        PrimaryContainer={
            "Image": own_rig.image,
            "ModelDataUrl": artifact,
            "ContainerHostname": "churn-1",
        },
        ExecutionRoleArn=ROLE,
    )

    names = [own_rig.ask(own_rig.endpoint(each))["host"] for each in (config, unnamed)]

    machine = socket.gethostname()
    of_docker = own_rig.executor == "docker"
    assert names == (["churn-1", "algo-1"] if of_docker else [machine, machine])


def test_the_variables_that_reach_a_container_are_not_a_models(rig, artifact):
    meant = {"SAGEMAKER_BIND_TO_PORT": "9", "SAGEMAKER_BASE_DIR": "/nowhere"}
    container = {"Image": rig.image, "ModelDataUrl": artifact, "Environment": meant}
    config = rig.config(artifact)
    rig.sagemaker.delete_model(ModelName=config)
    rig.sagemaker.create_model(
        ModelName=config, PrimaryContainer=container, ExecutionRoleArn=ROLE
    )

    assert rig.ask(rig.endpoint(config))["answer"] == "1"


def test_an_isolated_model_serves_read_only_and_without_credentials(own_rig):
    bucket = own_rig.bucket_with(one=b"first")
    artifact = own_rig.trained(bucket, answer="1")
    config = own_rig.config(artifact, model={"EnableNetworkIsolation": True})

    endpoint = own_rig.endpoint(config)

    said = own_rig.ask(endpoint)
    assert (said["answer"], said["writable"]) == ("1", False)
    assert said["credentials"] == []
    if own_rig.executor == "docker":
        assert leads_nowhere(said["address"])
