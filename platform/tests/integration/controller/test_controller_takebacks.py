"""Deployments that end otherwise than was wished: undone, overtaken, refused, killed."""

import pytest
from rollout_rig import deployed, numbered, states

from slipway.controller.deployments import deploy, promote, roll_back
from slipway.controller.overview import overview
from slipway.errors import (
    ConflictError,
    FailedBeforeError,
    HeldError,
    InvalidRequestError,
    StepFailedError,
    StuckError,
)
from slipway.payloads.deployment import deployment_config
from slipway.payloads.hosting import endpoint_update
from slipway.s3.faults import Fault
from slipway.s3.objects import S3Error
from slipway.sagemaker.alarms import AlarmState
from slipway.sagemaker.errors import SageMakerError
from slipway.sagemaker.resources import ENDPOINT as ENDPOINT_RESOURCE
from slipway.sagemaker.service_model import service_model
from slipway.sagemaker.status import ENDPOINT, Meaning
from slipway.spec import DeploymentPolicy
from slipway.testing.rollout_world import CANARY

OK, ALARM = AlarmState.OK, AlarmState.ALARM


def test_a_silent_rollback_is_an_error_with_its_reason_and_is_not_sent_again(serving):
    serving.sagemaker.fates = [("InService", "The container did not answer pings")]
    with pytest.raises(StepFailedError, match=r"rolled it back.*did not answer pings"):
        deployed(serving)
    assert (serving.last.state, serving.champion) == ("rolled_back", 1)

    with pytest.raises(
        FailedBeforeError, match="invoke promote --model churn --version 2"
    ):
        deployed(serving)

    assert len(serving.sent()) == 1
    assert promote(serving.context(), 2).version == 2


def test_nothing_is_deleted_on_any_way(serving):
    deployed(serving)
    roll_back(serving.context())
    promote(serving.context(), 2)

    calls = {call for call, _payload in serving.sagemaker.calls}
    assert not [call for call in calls if call.startswith("Delete")]


def test_a_new_version_that_answers_as_another_is_taken_back(serving):
    serving.sagemaker.liars = {"2"}

    with pytest.raises(StepFailedError, match="answered with version '0'"):
        deployed(serving)

    assert (serving.last.state, serving.served, serving.champion) == (
        "rolled_back",
        "1",
        1,
    )


def test_an_update_waits_for_the_one_that_is_under_way(serving):
    """Somebody updates the endpoint by hand: SageMaker refuses ours until that ends."""
    fake, live = serving.sagemaker, serving.last.endpoint_config_name
    policy = deployment_config(DeploymentPolicy(bake_seconds=300), ())
    payload = endpoint_update(
        serving.endpoint, endpoint_config_name=live, deployment=policy
    )
    fake.mutate("UpdateEndpoint", payload, ENDPOINT_RESOURCE)

    deployed(serving)

    assert serving.served == "2"
    assert fake.refused == []


def test_a_newer_version_stops_the_shift_of_the_one_before_it(serving):
    """The first one's command was killed; SageMaker would shift it for hours."""
    fake, third = serving.sagemaker, serving.version("c")
    fake.alarms.says = {"error_rate": OK}
    long = {**CANARY, "bake_seconds": 3600}

    def killed(_names):
        raise SystemExit

    real, fake.alarms.states = fake.alarms.states, killed
    fake.alarms.firing = lambda names: [n for n in names if n in fake.alarms.stopped]
    with pytest.raises(SystemExit):
        deployed(serving, **long)
    fake.alarms.states = real

    began = fake.clock.now()
    deploy(serving.context(), "r1", third)

    assert (serving.served, serving.champion) == ("3", 3)
    assert (fake.clock.now() - began).total_seconds() < 600


@pytest.mark.parametrize("fault", [Fault.QUOTA, Fault.RETRYABLE])
def test_a_storm_of_quotas_or_throttling_is_waited_out(serving, fault):
    storm = [SageMakerError(f"{fault}: slower", fault=fault) for _ in range(4)]
    serving.sagemaker.refusals = storm

    deployed(serving)

    assert serving.served == "2"
    assert len(serving.sent()) == 1


def test_a_config_that_was_never_sent_may_be_tried_again(serving):
    refusal = SageMakerError("1 validation error", fault=Fault.BAD_REQUEST)
    serving.sagemaker.refusals = [refusal]
    with pytest.raises(SageMakerError):
        deployed(serving)

    deployed(serving)

    assert serving.served == "2"


#: What an update that ends in each status comes to. Those that go on end well.
_ENDS = {
    "InService": ("rolled_back", StepFailedError),
    "Failed": ("stuck", StuckError),
    "OutOfService": ("stuck", StuckError),
    "UpdateRollbackFailed": ("stuck", StuckError),
}


@pytest.mark.parametrize(
    "status", service_model("sagemaker").shape_for("EndpointStatus").enum
)
def test_an_update_that_meets_any_status_ends_as_that_status_means(serving, status):
    if ENDPOINT[status] is Meaning.IN_PROGRESS:
        real = serving.sagemaker.describe
        looks = iter([status] * 3)

        def described(kind, name):
            seen = real(kind, name)
            shown = next(looks, None) if kind == "endpoint" and serving.sent() else None
            if shown is None:
                return seen
            return seen.__class__(
                shown, ENDPOINT[shown], "", seen.arn, seen.description
            )

        serving.sagemaker.describe = described
        deployed(serving)
        assert (serving.last.state, serving.served) == ("succeeded", "2")
        return
    state, error = _ENDS[status]
    serving.sagemaker.fates = [(status, "the reason")]

    with pytest.raises(error, match="the reason"):
        deployed(serving)

    assert serving.last.state == state
    assert serving.champion == 1


def test_a_rollback_that_failed_is_mended_by_a_person(serving):
    serving.sagemaker.fates = [("UpdateRollbackFailed", "no capacity")]
    with pytest.raises(StuckError, match="invoke rollback --model churn"):
        deployed(serving)

    rollout = roll_back(serving.context(), "mend it")

    assert (rollout.version, serving.served) == (1, "1")
    assert serving.last.state == "aborted"


@pytest.mark.parametrize("ends", ["UpdateRollbackFailed", "OutOfService"])
def test_a_rollback_that_failed_is_sent_again_by_the_next_command(serving, ends):
    deployed(serving)
    serving.sagemaker.fates.append((ends, "no capacity"))
    with pytest.raises(StuckError):
        roll_back(serving.context(), "wrong")
    serving.sagemaker.fates.append((ends, "no capacity"))
    with pytest.raises(StuckError):
        roll_back(serving.context(), "wrong")

    back = roll_back(serving.context(), "wrong")

    assert (back.version, serving.served, serving.champion) == (1, "1", 1)
    ways = [state for state in states(serving) if state in {"updating", "stuck"}]
    assert ways == [*["updating", "stuck"] * 2, "updating"]


def test_a_version_is_deployed_after_a_rollback_that_failed(serving):
    deployed(serving)
    serving.sagemaker.fates.append(("UpdateRollbackFailed", "no capacity"))
    with pytest.raises(StuckError):
        roll_back(serving.context(), "wrong")
    serving.version("v3")

    deployed(serving, 3)

    assert (serving.served, serving.champion) == ("3", 3)


def test_a_variant_that_was_scaled_keeps_its_instances(serving):
    serving.sagemaker.endpoints[serving.endpoint].count = 4

    deployed(serving)

    [update] = [p for c, p in serving.sagemaker.calls if c == "UpdateEndpoint"]
    assert update["RetainAllVariantProperties"] is True
    assert "ExcludeRetainedVariantProperties" not in update
    assert serving.sagemaker.endpoints[serving.endpoint].count == 4


def test_a_count_that_model_yaml_changes_is_taken(serving):
    context = serving.context()
    endpoint = context.spec.endpoint.model_copy(update={"instance_count": 3})
    spec = context.spec.model_copy(update={"endpoint": endpoint})

    deploy(
        context.__class__(**{**vars(context), "spec": spec}), "r1", numbered(serving, 2)
    )

    [update] = [p for c, p in serving.sagemaker.calls if c == "UpdateEndpoint"]
    assert update["ExcludeRetainedVariantProperties"] == [
        {"VariantPropertyType": "DesiredInstanceCount"}
    ]


def test_a_killed_command_is_gone_on_with_from_each_state(serving):
    """It dies at each look in turn; the same command ends what it began."""
    serving.sagemaker.alarms.says = {"error_rate": OK}
    real, left = serving.sagemaker.describe, [0]

    def mortal(kind, name):
        left[0] -= 1
        if left[0] == 0:
            raise SystemExit
        return real(kind, name)

    serving.sagemaker.describe = mortal
    deaths = 0
    for looks in range(1, 60):
        left[0] = looks
        try:
            deployed(serving, **CANARY)
        except SystemExit:
            deaths += 1
        else:
            break
    left[0] = 0

    assert deaths > 3
    assert (serving.served, serving.champion) == ("2", 2)
    assert len(serving.sent()) == 1


def test_status_says_how_a_deployment_stands(serving):
    with pytest.raises(HeldError):
        deployed(serving, **CANARY)

    seen = overview(serving.context())

    assert seen.deploying.startswith("version 2 is holding")
    assert "error_rate" in seen.deploying
    assert seen.as_dict()["deployment"]["progress"]["share"] == 10


def test_a_promotion_of_nothing_says_what_can_be_promoted(serving):
    with pytest.raises(InvalidRequestError, match="--version N"):
        promote(serving.context(), None)


def test_a_rejected_version_is_not_promoted(serving):
    rejected = serving.version("c")
    serving.store.advance(rejected, "reject", "wrong")

    with pytest.raises(InvalidRequestError, match="is rejected"):
        promote(serving.context(), rejected.version)


def test_an_endpoint_that_failed_is_deleted_as_often_as_it_has_to_be(serving):
    fake, name = serving.sagemaker, serving.endpoint
    fake.endpoints[name].status = "Failed"
    fake.fates = [("Failed", "no capacity")]
    with pytest.raises(StuckError, match="no capacity"):
        deployed(serving)

    rollout = roll_back(serving.context(), "mend it")

    assert (rollout.version, serving.served, serving.champion) == (1, "1", 1)
    deletes = [payload for call, payload in fake.calls if call.startswith("Delete")]
    assert deletes == [{"EndpointName": name}] * 2
    found = serving.store.records.operations("r1")
    logged = [row for row in found if row.call == "DeleteEndpoint"]
    assert [row.state for row in logged] == ["succeeded"] * 2


def test_a_failed_endpoint_of_somebody_else_is_left_alone(serving):
    found = serving.sagemaker.endpoints[serving.endpoint]
    found.status, found.tags = "Failed", []

    with pytest.raises(StuckError, match="is not this operation's"):
        deployed(serving)

    assert serving.sagemaker.endpoints[serving.endpoint] is found


def test_a_version_that_overtakes_another_try_of_the_champion_goes_back_to_it(serving):
    """The champion is sent again, and that command dies; then a bad version comes."""
    deployed(serving)
    real = serving.sagemaker.check

    def killed(_operation, _payload):
        raise SystemExit

    serving.sagemaker.check = killed
    with pytest.raises(SystemExit):
        promote(serving.context(), 2)
    serving.sagemaker.check = real
    bad = serving.version("c")
    serving.sagemaker.liars = {"3"}

    with pytest.raises(StepFailedError, match="answered with version '0'"):
        deploy(serving.context(), "r1", bad)

    assert (serving.served, serving.champion) == ("2", 2)


@pytest.mark.parametrize(
    ("trigger", "state"), [("reject", "rejected"), ("retire", "retired")]
)
def test_a_version_that_may_not_serve_is_not_deployed(serving, trigger, state):
    serving.store.advance(numbered(serving, 2), trigger, "wrong")

    with pytest.raises(InvalidRequestError, match=state):
        deployed(serving)

    assert serving.sent() == []


@pytest.mark.parametrize("command", [roll_back, lambda c, **o: promote(c, 2, **o)])
def test_a_command_about_a_champion_that_was_replaced_changes_nothing(serving, command):
    with pytest.raises(ConflictError, match="version 1 serves churn, not version 2"):
        command(serving.context(), expects=2)

    assert serving.sent() == []
    assert serving.last.version == 1


@pytest.mark.parametrize("fault", [Fault.AUTH, Fault.AMBIGUOUS])
def test_a_smoke_request_that_cannot_be_read_takes_no_version_back(serving, fault):
    serving.shelf.refusals["smoke_request.json"] = S3Error("no", fault=fault)

    with pytest.raises(S3Error):
        deployed(serving)
    waiting, sent = serving.last.state, serving.sent()
    deployed(serving)

    assert (waiting, serving.last.state) == ("verifying", "succeeded")
    assert (serving.champion, serving.sent()) == (2, sent)


def test_a_smoke_request_that_is_gone_takes_the_version_back(serving):
    serving.shelf.refusals["smoke_request.json"] = S3Error("no", fault=Fault.MISSING)

    with pytest.raises(StepFailedError):
        deployed(serving)

    assert (serving.last.state, serving.champion) == ("rolled_back", 1)
