import pytest

from slipway.errors import DocumentError, InvalidRequestError
from slipway.payloads.deployment import (
    MEASURES,
    Watched,
    alarm,
    deployment_config,
    stop_alarm,
)
from slipway.payloads.hosting import endpoint_update
from slipway.sagemaker.shapes import violations
from slipway.spec import Alarm, DeploymentPolicy, load_spec
from slipway.spec.deployment import changed_policy
from slipway.testing.toy_model import FILES

STRATEGIES = [
    {},
    {"strategy": "canary", "canary_percent": 50},
    {"strategy": "linear", "step_percent": 10, "bake_seconds": 600},
    {"bake_seconds": 3600},
]


def refused(tmp_path, lines):
    folder = tmp_path / "toy"
    folder.mkdir()
    (folder / "model.yaml").write_text(
        FILES["model.yaml"] + "endpoint:\n  deployment:\n" + lines
    )
    with pytest.raises(DocumentError) as refusal:
        load_spec(folder)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("    strategy: canery\n", "'all_at_once', 'canary' or 'linear'"),
        ("    canary_percent: 60\n", "less than or equal to 50"),
        ("    step_percent: 5\n", "greater than or equal to 10"),
        ("    bake_seconds: 3601\n", "less than or equal to 3600"),
        ("    alarms: [{metric: error_rate, above: 2}]\n", "a share from 0 to 1"),
        ("    alarms: [{metric: errors, above: 0.1}]\n", "'error_rate'"),
        ("    step_percents: 5\n", "Did you mean 'step_percent'?"),
    ],
)
def test_a_limit_of_sagemaker_is_refused_at_its_line(tmp_path, lines, words):
    said = refused(tmp_path, lines)

    assert "model.yaml:21:" in said
    assert words in said


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("    strategy: canary\n    alarms: []\n", "a canary deployment needs alarms"),
        (
            "    strategy: linear\n    bake_seconds: 0\n",
            "needs alarms, and bake_seconds",
        ),
        ("    strategy: canary\n    bake_seconds: 30\n", "needs 60 seconds of data"),
        (
            "    strategy: linear\n    step_percent: 10\n    bake_seconds: 3600\n",
            "SageMaker ends a deployment after 28800",
        ),
        (
            "    alarms:\n    - &a {metric: error_rate, above: 0.1}\n    - *a\n",
            "one alarm is enough for each metric",
        ),
    ],
)
def test_what_nobody_could_watch_is_refused(tmp_path, lines, words):
    assert words in refused(tmp_path, lines)


@pytest.mark.parametrize("policy", STRATEGIES)
def test_every_strategy_is_a_payload_that_sagemaker_accepts(policy):
    made = deployment_config(DeploymentPolicy.model_validate(policy), ["a", "b"])
    update = endpoint_update(
        "e",
        endpoint_config_name="c",
        deployment=made,
        declared=["DesiredInstanceCount", "DataCaptureConfig"],
    )

    assert violations("sagemaker", "UpdateEndpoint", update) == []


@pytest.mark.parametrize("metric", MEASURES)
def test_every_alarm_is_a_payload_that_cloudwatch_accepts(metric):
    watched = Watched("e" * 63, "c" * 63, "v" * 63)
    tags = [{"Key": "slipway:model", "Value": "churn"}]
    wanted = Alarm(metric=metric, above=0.5)

    for payload in (alarm(watched, wanted, tags), stop_alarm(watched, tags)):
        assert violations("cloudwatch", "PutMetricAlarm", payload) == []
        assert len(payload["AlarmName"]) <= 255


def test_without_data_an_alarm_says_so_and_the_stop_alarm_stays_as_it_is():
    watched = Watched("e", "c", "primary")

    wanted = alarm(watched, Alarm(metric="latency_p95_ms", above=500), [])

    assert (wanted["TreatMissingData"], wanted["Threshold"]) == ("missing", 500_000)
    assert stop_alarm(watched, [])["TreatMissingData"] == "ignore"


def test_the_shares_of_a_strategy_end_with_all_of_the_traffic():
    shares = [DeploymentPolicy.model_validate(each).shares for each in STRATEGIES]

    assert shares == [
        (100,),
        (50, 100),
        (10, 20, 30, 40, 50, 60, 70, 80, 90, 100),
        (100,),
    ]


def test_an_option_changes_a_policy_for_one_run_or_says_why_it_cannot():
    changed = changed_policy(DeploymentPolicy(), {"strategy": "canary"})
    with pytest.raises(InvalidRequestError, match="canary_percent = '60'"):
        changed_policy(changed, {"canary_percent": "60"})

    assert (changed.strategy, changed.bake) == ("canary", 300)
