import pytest
from conformance_claims import documented, field, guide, ours
from conformance_rig import refused

PERCENT = "CAPACITY_PERCENT"


def blue_green(kind, wait=0, **more):
    routing = {"Type": kind, "WaitIntervalInSeconds": wait, **more}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


def rolling(value=50, wait=0, kind=PERCENT):
    size = {"Type": kind, "Value": value}
    return {
        "RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait}
    }


def size(value, kind=PERCENT):
    return {"Type": kind, "Value": value}


def update(rig, name, config, **changes):
    """Update an endpoint, and return what Describe says while it changes."""
    rig.sagemaker.update_endpoint(
        EndpointName=name, EndpointConfigName=config, **changes
    )
    said = []

    def settled():
        said.append(rig.sagemaker.describe_endpoint(EndpointName=name))
        return said[-1]["EndpointStatus"] not in ("Updating", "RollingBack")

    rig.eventually(settled)
    return said


def statuses(said):
    """Return each variant status of the pending deployment, with its message."""
    return {
        (each["Status"], each.get("StatusMessage"))
        for found in said
        for variant in found.get("PendingDeploymentSummary", {}).get(
            "ProductionVariants", []
        )
        for each in variant.get("VariantStatus", [])
    }


@pytest.fixture(scope="module")
def pair(configured, serve):
    """An endpoint of two instances, and the configs that it changes between."""
    configs = [configured(each, InitialInstanceCount=2) for each in ("blue", "green")]
    return serve(configs[0])["EndpointName"], configs


@pytest.fixture
def red(rig):
    """Put an alarm on nothing; yield its name, and what sets it off."""
    alarm, cloudwatch = rig.name(), rig.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="Conformance",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="ignore",
    )
    yield (
        alarm,
        lambda: cloudwatch.set_alarm_state(
            AlarmName=alarm, StateValue="ALARM", StateReason="the suite says so"
        ),
    )
    cloudwatch.delete_alarms(AlarmNames=[alarm])


@guide(
    "automating-sagemaker-with-eventbridge",
    "Baking for 600 seconds (TerminationWaitInSeconds) with traffic enabled on canary "
    "capacity of 1 instance(s).",
)
@documented(
    "DescribeEndpoint",
    "The endpoint variant status which describes the current deployment stage status or "
    "operational status.",
)
@documented("DescribeEndpoint", "The start time of the current status change.")
@documented(
    "UpdateEndpoint",
    "If any alarms are tripped during a deployment, SageMaker rolls back the deployment.",
)
@guide(
    "deployment-guardrails-configuration",
    "SageMaker initiates a complete rollback to the old endpoint",
)
def test_a_canary_bakes_until_an_alarm_rolls_it_back(rig, pair, red):
    name, configs = pair
    before = rig.sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"]
    [other] = set(configs) - {before}
    alarm, set_red = red
    rig.sagemaker.update_endpoint(
        EndpointName=name,
        EndpointConfigName=other,
        DeploymentConfig={
            **blue_green("CANARY", wait=600, CanarySize=size(50)),
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm}]},
        },
    )
    bakes = (
        "Baking for 600 seconds (WaitIntervalInSeconds) with traffic enabled on canary "
        "capacity of 1 instance(s)."
    )

    def baking():
        found = rig.sagemaker.describe_endpoint(EndpointName=name)
        return found if ("Baking", bakes) in statuses([found]) else None

    pending = rig.eventually(baking)["PendingDeploymentSummary"]
    set_red()
    found = rig.settled("endpoint", name)

    assert pending["EndpointConfigName"] == other
    assert pending["StartTime"]
    assert (found["EndpointStatus"], found["EndpointConfigName"]) == (
        "InService",
        before,
    )


@documented(
    "UpdateEndpoint",
    "CANARY: Endpoint traffic shifts to the new fleet in two steps. The first step is "
    "the canary, which is a small portion of the traffic. The second step is the "
    "remainder of the traffic.",
)
def test_a_canary_ends_with_all_of_the_traffic(rig, pair):
    name, configs = pair
    policy = blue_green("CANARY", wait=1, CanarySize=size(50))
    said = update(rig, name, configs[1], DeploymentConfig=policy)

    assert said[-1]["EndpointStatus"] == "InService"
    assert said[-1]["EndpointConfigName"] == configs[1]
    assert "PendingDeploymentSummary" not in said[-1]


@documented(
    "UpdateEndpoint",
    "LINEAR: Endpoint traffic shifts to the new fleet in n steps of a configurable size.",
)
@documented(
    "DescribeEndpoint", "The most recent deployment configuration for the endpoint."
)
def test_a_linear_update_is_the_last_deployment(rig, pair):
    name, configs = pair
    policy = blue_green("LINEAR", wait=1, LinearStepSize=size(50))
    said = update(rig, name, configs[0], DeploymentConfig=policy)

    assert said[-1]["EndpointConfigName"] == configs[0]
    assert said[-1]["LastDeploymentConfig"] == policy
    assert said[-1]["EndpointStatus"] == "InService"


@documented(
    "UpdateEndpoint",
    "Batch size for each rolling step to provision capacity and turn on traffic on the "
    "new endpoint fleet, and terminate capacity on the old endpoint fleet.",
)
@documented(
    "UpdateEndpoint",
    "Specifies whether to reuse the last deployment configuration.",
)
def test_a_rolling_update_goes_batch_by_batch(rig, pair):
    name, configs = pair
    first = update(rig, name, configs[1], DeploymentConfig=rolling(wait=1))
    again = update(rig, name, configs[0], RetainDeploymentConfig=True)

    for said in (first, again):
        launched = {text for status, text in statuses(said) if status == "Creating"}
        # It may pass between two looks.
        assert launched <= {"Launching 1 instance(s)."}
        assert said[-1]["EndpointStatus"] == "InService"
    assert again[-1]["EndpointConfigName"] == configs[0]


@documented(
    "UpdateEndpoint",
    "Value must be less than or equal to 50% of the variant's total instance count.",
)
@documented(
    "UpdateEndpoint", "Value must be 10-50% of the variant's total instance count."
)
@documented(
    "UpdateEndpoint",
    "Value must be between 5% to 50% of the variant's total instance count.",
)
@pytest.mark.parametrize(
    "policy",
    [
        blue_green("CANARY", CanarySize=size(51)),
        blue_green("CANARY", CanarySize=size(2, "INSTANCE_COUNT")),
        blue_green("LINEAR", LinearStepSize=size(9)),
        blue_green("LINEAR", LinearStepSize=size(51)),
        rolling(4),
        rolling(51),
        rolling(2, kind="INSTANCE_COUNT"),
    ],
)
def test_sizes_have_bounds(rig, pair, policy):
    name, configs = pair
    code, _ = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=name,
        EndpointConfigName=configs[0],
        DeploymentConfig=policy,
    )

    assert code == "ValidationException"
    found = rig.sagemaker.describe_endpoint(EndpointName=name)
    assert found["EndpointStatus"] == "InService"


@documented(
    "UpdateEndpoint",
    "Only one update policy should be used in the deployment configuration.",
)
@documented(
    "UpdateEndpoint",
    "Note that the timeout value should be larger than the total waiting time specified "
    "in TerminationWaitInSeconds and WaitIntervalInSeconds.",
)
@ours("a size must be given where the routing needs one, and only there")
@pytest.mark.parametrize(
    "policy",
    [
        {**blue_green("ALL_AT_ONCE"), **rolling()},
        blue_green("CANARY"),
        blue_green("LINEAR", CanarySize=size(50)),
        {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "ALL_AT_ONCE",
                    "WaitIntervalInSeconds": 0,
                },
                "TerminationWaitInSeconds": 600,
                "MaximumExecutionTimeoutInSeconds": 600,
            }
        },
    ],
)
def test_policies_that_contradict_themselves_are_refused(rig, pair, policy):
    name, configs = pair
    code, _ = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=name,
        EndpointConfigName=configs[0],
        DeploymentConfig=policy,
    )

    assert code == "ValidationException"


@guide(
    "deployment-guardrails-exclusions",
    "your new endpoint configuration must have the same variant name as the old "
    "endpoint configuration",
)
def test_a_guarded_update_keeps_the_variants_name(rig, pair, configured):
    name, _ = pair
    other = configured("other", VariantName="another", InitialInstanceCount=2)
    code, message = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=name,
        EndpointConfigName=other,
        DeploymentConfig=blue_green("CANARY", CanarySize=size(50)),
    )

    assert code == "ValidationException"
    assert "variant name" in message


@ours("an alarm that CloudWatch does not have is refused before anything is changed")
def test_an_alarm_must_be_there(rig, pair):
    name, configs = pair
    alarm = {"AlarmName": rig.name()}
    code, message = refused(
        rig.sagemaker.update_endpoint,
        EndpointName=name,
        EndpointConfigName=configs[0],
        DeploymentConfig={
            **blue_green("ALL_AT_ONCE"),
            "AutoRollbackConfiguration": {"Alarms": [alarm]},
        },
    )

    assert code == "ValidationException"
    assert alarm["AlarmName"] in message


@documented(
    "UpdateEndpointWeightsAndCapacities",
    "When it receives the request, SageMaker sets the endpoint status to Updating. After "
    "updating the endpoint, it sets the status to InService.",
)
@guide(
    "automating-sagemaker-with-eventbridge", "Scaling out desired instance count to 6."
)
def test_capacities_and_weights_are_updated(rig, configured, serve):
    name = serve(configured("scaled"))["EndpointName"]
    rig.sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name,
        DesiredWeightsAndCapacities=[
            {
                "VariantName": "primary",
                "DesiredWeight": 2.0,
                "DesiredInstanceCount": 2,
            }
        ],
    )
    updating = rig.sagemaker.describe_endpoint(EndpointName=name)
    found = rig.settled("endpoint", name)
    rig.sagemaker.delete_endpoint(EndpointName=name)

    assert updating["EndpointStatus"] == "Updating"
    assert updating["ProductionVariants"][0]["DesiredInstanceCount"] == 2
    [variant] = found["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (2, 2.0)
    assert found["EndpointStatus"] == "InService"


@field(
    "moto's tests",
    'The variant name(s) "x" is/are not present within endpoint configuration "y".',
)
def test_capacities_are_of_variants_that_are_there(rig, endpoint):
    code, message = refused(
        rig.sagemaker.update_endpoint_weights_and_capacities,
        EndpointName=endpoint["EndpointName"],
        DesiredWeightsAndCapacities=[{"VariantName": "x", "DesiredWeight": 1.0}],
    )

    config = endpoint["EndpointConfigName"]
    text = (
        'The variant name(s) "x" is/are not present within endpoint configuration '
        f'"{config}".'
    )
    assert (code, message) == ("ValidationException", text)
