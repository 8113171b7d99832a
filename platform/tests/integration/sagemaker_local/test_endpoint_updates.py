import pytest
from deployment_load import (
    CLIENTS,
    STRATEGIES,
    Watch,
    alarm,
    asked,
    blue_green,
    guarded,
    percent,
    roll_back,
    rolling,
    watched,
)

WAIT = "Baking for 600 seconds (WaitIntervalInSeconds) with traffic enabled on {}."
LAST = "Baking for 600 seconds (TerminationWaitInSeconds) with traffic enabled on {}."
#: Deployments of two instances that bake until they are rolled back, what the pending
#: one says of each part that it launches, and how it says that it bakes.
BAKES = {
    "all at once": (
        blue_green("ALL_AT_ONCE", termination=600),
        "Launching 2 instance(s).",
        LAST.format("full capacity of 2 instance(s)"),
    ),
    "canary": (
        blue_green("CANARY", wait=600, CanarySize=percent(50)),
        "Launching 2 instance(s).",
        WAIT.format("canary capacity of 1 instance(s)"),
    ),
    "canary, at the end": (
        blue_green("CANARY", termination=600, CanarySize=percent(50)),
        "Launching 2 instance(s).",
        LAST.format("full capacity of 2 instance(s)"),
    ),
    "linear": (
        blue_green("LINEAR", wait=600, LinearStepSize=percent(50)),
        "Launching 2 instance(s).",
        WAIT.format("linear capacity of 1 instance(s)"),
    ),
    "linear, at the end": (
        blue_green("LINEAR", termination=600, LinearStepSize=percent(50)),
        "Launching 2 instance(s).",
        LAST.format("full capacity of 2 instance(s)"),
    ),
    "rolling": (
        rolling(wait=600),
        "Launching 1 instance(s).",
        WAIT.format("partial capacity of 1 instance(s)"),
    ),
}


@pytest.fixture(scope="module")
def artifacts(rig):
    bucket = rig.bucket_with(one=b"first")
    return [rig.trained(bucket, answer=each) for each in "12"]


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_no_request_fails_while_the_traffic_shifts(own_rig, strategy):
    bucket = own_rig.bucket_with(one=b"first")
    first, second = (
        own_rig.config(own_rig.trained(bucket, answer=n), InitialInstanceCount=2)
        for n in "12"
    )
    endpoint = own_rig.endpoint(first)
    with asked(own_rig, endpoint) as load:
        own_rig.sagemaker.update_endpoint(
            EndpointName=endpoint,
            EndpointConfigName=second,
            DeploymentConfig=STRATEGIES[strategy],
        )
        watch = watched(own_rig, endpoint)
        settled = len(load.answers)

    assert load.errors == []
    assert watch.last["EndpointStatus"] == "InService"
    assert watch.last["EndpointConfigName"] == second
    assert {*watch.statuses} <= {"Updating", "InService"}
    # A request that was under way may be answered late: one of each client at most.
    assert load.answers[settled:].count("1") <= CLIENTS
    if strategy == "all at once":
        assert load.answers[load.answers.index("2") :].count("1") <= CLIENTS


@pytest.mark.parametrize("bake", BAKES)
def test_the_pending_deployment_says_what_it_launches_and_how_it_bakes(
    rig, artifacts, bake
):
    policy, launching, baking = BAKES[bake]
    first, second = (rig.config(each, InitialInstanceCount=2) for each in artifacts)
    endpoint, name = rig.endpoint(first), alarm(rig)
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=second,
        DeploymentConfig=guarded(policy, name),
    )
    watch = Watch({})

    def is_baking():
        watch.note(rig.sagemaker.describe_endpoint(EndpointName=endpoint))
        return ("Baking", baking) in watch.pending

    rig.eventually(is_baking)
    roll_back(rig, name)
    settled = rig.settled(endpoint)

    # What passes quickly may not be seen; nothing else may be.
    assert {text for status, text in watch.pending if status == "Creating"} <= {
        launching
    }
    bakes = {text for status, text in watch.pending if status == "Baking"}
    assert {text for text in bakes if "Baking for 0 seconds" not in text} == {baking}
    assert settled["EndpointConfigName"] == first
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)


def test_a_canary_takes_its_share_and_the_summary_shows_it(rig, artifacts):
    first, second = (rig.config(each, InitialInstanceCount=4) for each in artifacts)
    endpoint, name = rig.endpoint(first), alarm(rig)
    policy = guarded(blue_green("CANARY", wait=600, CanarySize=percent(25)), name)
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint, EndpointConfigName=second, DeploymentConfig=policy
    )

    def baking():
        found = rig.sagemaker.describe_endpoint(EndpointName=endpoint)
        summary = found["PendingDeploymentSummary"]
        [variant] = summary["ProductionVariants"]
        [status] = variant.get("VariantStatus", [{"Status": ""}])
        return (summary, variant, status) if status["Status"] == "Baking" else None

    summary, variant, status = rig.eventually(baking)
    answers = [rig.ask(endpoint)["answer"] for _ in range(200)]
    roll_back(rig, name)
    settled = rig.settled(endpoint)

    assert summary["EndpointConfigName"] == second
    assert summary["StartTime"] <= status["StartTime"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (1, 4)
    assert variant["InstanceType"] == "ml.m5.large"
    # 50 of 200 are expected; a fair coin would be beyond these bounds once in 10^9.
    assert 15 < answers.count("2") < 90
    assert settled["LastDeploymentConfig"] == policy
    assert "PendingDeploymentSummary" not in settled


def test_the_last_deployment_config_may_be_kept(rig, artifacts):
    first, second = (rig.config(each, InitialInstanceCount=2) for each in artifacts)
    endpoint = rig.endpoint(first)
    policy = STRATEGIES["rolling"]
    for config, how in (
        (second, {"DeploymentConfig": policy}),
        (first, {"RetainDeploymentConfig": True}),
    ):
        rig.sagemaker.update_endpoint(
            EndpointName=endpoint, EndpointConfigName=config, **how
        )
        watch = watched(rig, endpoint)
        assert watch.last["EndpointConfigName"] == config

    assert watch.last["LastDeploymentConfig"] == policy


def test_ten_variants_are_updated_together(rig, artifacts):
    configs = []
    for artifact in artifacts:
        model = rig.config(artifact)
        variants = [
            {
                "VariantName": f"v{number}",
                "ModelName": model,
                "InitialInstanceCount": 1,
                "InstanceType": "ml.m5.large",
            }
            for number in range(10)
        ]
        configs.append(f"{model}-ten")
        rig.sagemaker.create_endpoint_config(
            EndpointConfigName=configs[-1], ProductionVariants=variants
        )
    endpoint = rig.endpoint(configs[0])
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=configs[1],
        DeploymentConfig=blue_green("CANARY", wait=1, CanarySize=percent(50)),
    )
    settled = rig.settled(endpoint)

    assert settled["EndpointConfigName"] == configs[1]
    assert len(settled["ProductionVariants"]) == 10
    for number in range(10):
        assert rig.ask(endpoint, TargetVariant=f"v{number}")["answer"] == "2"
    rig.sagemaker.delete_endpoint(EndpointName=endpoint)


@pytest.mark.parametrize(
    ("excluded", "expected"),
    [
        ([], (2, 5.0, 10)),
        (["DesiredInstanceCount"], (1, 5.0, 10)),
        (["DesiredWeight"], (2, 1.0, 10)),
        (["DataCaptureConfig"], (2, 5.0, 90)),
        (["DesiredInstanceCount", "DesiredWeight", "DataCaptureConfig"], (1, 1.0, 90)),
    ],
)
def test_variant_properties_are_retained_but_for_some(
    rig, artifacts, excluded, expected
):
    bucket = rig.bucket()
    configs = []
    for sampled, variant in (
        (10, {"InitialInstanceCount": 2, "InitialVariantWeight": 5.0}),
        (90, {"InitialInstanceCount": 1, "InitialVariantWeight": 1.0}),
    ):
        model = rig.config(artifacts[0])
        configs.append(f"{model}-{sampled}")
        first = {
            "VariantName": "primary",
            "ModelName": model,
            "InstanceType": "ml.m5.large",
        }
        rig.sagemaker.create_endpoint_config(
            EndpointConfigName=configs[-1],
            ProductionVariants=[{**first, **variant}],
            DataCaptureConfig={
                "EnableCapture": True,
                "InitialSamplingPercentage": sampled,
                "DestinationS3Uri": f"s3://{bucket}/captured",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
        )
    endpoint = rig.endpoint(configs[0])
    rig.sagemaker.update_endpoint(
        EndpointName=endpoint,
        EndpointConfigName=configs[1],
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=[
            {"VariantPropertyType": each} for each in excluded
        ],
    )
    found = rig.settled(endpoint)

    [variant] = found["ProductionVariants"]
    assert found["EndpointConfigName"] == configs[1]
    assert (
        variant["CurrentInstanceCount"],
        variant["CurrentWeight"],
        found["DataCaptureConfig"]["CurrentSamplingPercentage"],
    ) == expected
