import pytest
from deployment_load import CLIENTS, STRATEGIES, asked, blue_green, percent, watched

CREATING = ("Creating", "Launching 2 instance(s).")
FULL = ("ActivatingTraffic", "Activating traffic on full capacity of 2 instance(s).")
#: What the pending deployment must say at least, in this order, for two instances.
SAID = {
    "all at once": [
        CREATING,
        (
            "Baking",
            (
                "Baking for 1 seconds (TerminationWaitInSeconds) with traffic enabled on "
                "full capacity of 2 instance(s)."
            ),
        ),
    ],
    "canary": [
        CREATING,
        (
            "Baking",
            (
                "Baking for 1 seconds (WaitIntervalInSeconds) with traffic enabled on "
                "canary capacity of 1 instance(s)."
            ),
        ),
        (
            "Baking",
            (
                "Baking for 1 seconds (TerminationWaitInSeconds) with traffic enabled on "
                "full capacity of 2 instance(s)."
            ),
        ),
    ],
    "linear": [
        CREATING,
        (
            "Baking",
            (
                "Baking for 1 seconds (WaitIntervalInSeconds) with traffic enabled on "
                "linear capacity of 1 instance(s)."
            ),
        ),
        (
            "Baking",
            (
                "Baking for 1 seconds (TerminationWaitInSeconds) with traffic enabled on "
                "full capacity of 2 instance(s)."
            ),
        ),
    ],
    "rolling": [
        ("Creating", "Launching 1 instance(s)."),
        (
            "Baking",
            (
                "Baking for 1 seconds (WaitIntervalInSeconds) with traffic enabled on "
                "partial capacity of 1 instance(s)."
            ),
        ),
        (
            "Baking",
            (
                "Baking for 1 seconds (WaitIntervalInSeconds) with traffic enabled on "
                "full capacity of 2 instance(s)."
            ),
        ),
    ],
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
        watch = watched(own_rig, endpoint, seconds=120)
        settled = len(load.answers)

    assert load.errors == []
    assert watch.statuses == ["Updating", "InService"]
    assert watch.last["EndpointConfigName"] == second
    assert [each for each in watch.pending if each in SAID[strategy]] == SAID[strategy]
    # A request that was under way may be answered late: one of each client at most.
    assert load.answers[settled:].count("1") <= CLIENTS
    late = load.answers[load.answers.index("2") :].count("1")
    assert (late > CLIENTS) is (strategy != "all at once")


def test_a_canary_takes_its_share_and_the_summary_shows_it(rig, artifacts):
    first, second = (rig.config(each, InitialInstanceCount=4) for each in artifacts)
    endpoint = rig.endpoint(first)
    policy = blue_green("CANARY", wait=5, CanarySize=percent(25))
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
    assert ("Creating", "Launching 1 instance(s).") in watch.pending
    assert ("Deleting", "Terminating 1 instance(s).") in watch.serving


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
