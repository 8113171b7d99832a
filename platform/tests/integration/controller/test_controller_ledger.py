import copy
import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import literal

from slipway.controller.intents import DIGEST_TAG, Intent
from slipway.controller.operations import Ledger
from slipway.controller.pace import Backoff, Pace
from slipway.controller.states.chart import DAY
from slipway.controller.store.budget import RATES, Budget
from slipway.digests import digest_of
from slipway.errors import ConflictError, StuckError
from slipway.sagemaker.errors import SageMakerError
from slipway.testing import fake_gateway as fake
from slipway.testing import invariants

JOB = "TrainingJobName"
PACE = Pace(0.0, sleep=lambda _seconds: None)


@pytest.fixture
def gateway():
    return fake.FakeGateway()


@pytest.fixture
def ledger(store, gateway):
    return Ledger(store, gateway, PACE, lambda _status: None)


def train(digest="d1"):
    return Intent(
        key=f"local/churn/train/{digest}",
        run_id="r1",
        resource="training_job",
        call="CreateTrainingJob",
        digest=digest,
        name=lambda generation: f"churn-train-{generation}",
        payload=lambda name, _generation: {
            JOB: name,
            "Tags": [{"Key": DIGEST_TAG, "Value": digest}],
        },
    )


def created(gateway):
    return [name for operation, name in gateway.calls if operation.startswith("Create")]


def test_an_operation_is_made_once_and_its_end_is_recorded(ledger, store, gateway):
    gateway.statuses = ["InProgress", "InProgress", "Completed"]

    first = ledger.perform(train())
    second = ledger.perform(train())

    assert first.state == second.state == "succeeded"
    assert first.request_id == "request-1"
    assert created(gateway) == ["churn-train-1"]
    history = store.records.history("operation", first.id)
    assert [t.to_state for t in history] == ["intended", "submitted", "succeeded"]


@pytest.mark.parametrize("death", [fake.killed, fake.killed_after])
def test_a_command_that_dies_around_the_call_leaves_one_job(ledger, gateway, death):
    gateway.scripts = [death]
    with pytest.raises(SystemExit):
        ledger.perform(train())

    operation = ledger.perform(train())

    assert operation.state == "succeeded"
    assert len(gateway.resources) == 1


@pytest.mark.parametrize("fault", [fake.lost_answer, fake.lost_request, fake.throttled])
def test_a_call_that_failed_on_the_way_ends_with_one_job(ledger, gateway, fault):
    gateway.scripts = [fault, fault]

    assert ledger.perform(train()).state == "succeeded"
    assert len(gateway.resources) == 1


def test_a_lost_answer_is_not_followed_by_a_second_create(ledger, gateway):
    gateway.scripts = [fake.lost_answer]

    ledger.perform(train())

    assert created(gateway) == ["churn-train-1"]


def test_somebody_elses_job_of_the_same_name_is_left_alone(ledger, store, gateway):
    gateway.resources["training job", "churn-train-1"] = {"Tags": []}

    with pytest.raises(ConflictError, match="nothing was changed"):
        ledger.perform(train())

    assert gateway.resources["training job", "churn-train-1"] == {"Tags": []}
    assert store.records.latest_operation(train().key).state == "conflict"


def test_a_refused_payload_is_not_sent_again(ledger, store, gateway):
    gateway.scripts = [fake.refused]

    with pytest.raises(SageMakerError, match="1 validation error"):
        ledger.perform(train())

    assert len(gateway.calls) == 1
    assert store.records.latest_operation(train().key).state == "failed"


def test_missing_rights_block_the_operation_and_fail_nothing(ledger, store, gateway):
    gateway.scripts = [fake.denied]

    with pytest.raises(SageMakerError, match="AccessDenied"):
        ledger.perform(train())

    assert store.records.latest_operation(train().key).state == "blocked_auth"
    assert len(gateway.calls) == 1
    assert ledger.perform(train()).state == "succeeded"


def test_a_failed_job_is_tried_again_under_another_name(ledger, gateway):
    gateway.statuses = ["Failed"]
    assert ledger.perform(train()).state == "failed"

    assert ledger.perform(train()).state == "succeeded"
    assert created(gateway) == ["churn-train-1", "churn-train-2"]


def test_an_interrupted_job_is_stopped_and_recorded_so(ledger, store, gateway):
    looks = iter(["InProgress", "InProgress"])

    def interrupted(_kind, name):
        status = next(looks, None)
        if status is None:
            gateway.describe = fake.FakeGateway.describe.__get__(gateway)
            raise KeyboardInterrupt
        gateway.statuses = [status]
        return fake.FakeGateway.describe(gateway, "training_job", name)

    gateway.describe = interrupted
    with pytest.raises(KeyboardInterrupt):
        ledger.perform(train())

    assert ("StopTrainingJob", "churn-train-1") in gateway.calls
    assert store.records.latest_operation(train().key).state == "stopped"


def test_a_job_that_was_deleted_by_hand_fails_its_operation(ledger, gateway):
    gateway.statuses = ["InProgress"]
    real = gateway.describe
    gateway.describe = lambda kind, name: (
        None if not gateway.statuses else real(kind, name)
    )

    operation = ledger.perform(train())

    assert operation.state == "failed"
    assert "is gone" in operation.reason


def test_two_who_wait_for_one_job_both_see_its_end(ledger, store, gateway):
    """The other one records the end between this one's look and its note."""
    real = gateway.describe

    def seen_by_another_first(kind, name):
        found = real(kind, name)
        operation = store.records.latest_operation(train().key)
        if found and found.status == "Completed" and operation.state == "submitted":
            store.advance(operation, "succeed", observed="Completed")
        return found

    gateway.statuses = ["InProgress", "Completed"]
    gateway.describe = seen_by_another_first

    assert ledger.perform(train()).state == "succeeded"


OWNER = {"slipway:environment": "local", "slipway:model": "churn"}


def owned(digest="d1", **changes):
    tags = [{"Key": k, "Value": v} for k, v in {**OWNER, DIGEST_TAG: digest}.items()]
    intent = replace(
        train(digest),
        owner=OWNER,
        payload=lambda name, _generation: {JOB: name, "Tags": tags},
    )
    return replace(intent, **changes)


@pytest.mark.parametrize("stranger", ["slipway:model", DIGEST_TAG])
def test_a_job_is_adopted_only_with_both_owner_and_digest(
    ledger, store, gateway, stranger
):
    gateway.scripts = [fake.killed_after]
    with pytest.raises(SystemExit):
        ledger.perform(owned())
    [job] = gateway.resources.values()
    next(tag for tag in job["Tags"] if tag["Key"] == stranger)["Value"] = "another"
    before = copy.deepcopy(gateway.resources)

    with pytest.raises(ConflictError):
        ledger.perform(owned())

    assert gateway.resources == before
    assert created(gateway) == ["churn-train-1"]
    assert store.records.latest_operation(train().key).state == "conflict"


def test_nothing_is_changed_that_belongs_to_somebody_else(ledger, gateway):
    gateway.resources["endpoint", "e"] = {"Tags": [], "EndpointConfigName": "theirs"}
    update = owned(
        resource="endpoint",
        call="UpdateEndpoint",
        name=lambda _generation: "e",
        payload=lambda name, _generation: {
            "EndpointName": name,
            "EndpointConfigName": "ours",
        },
    )

    with pytest.raises(ConflictError):
        ledger.perform(update)

    assert gateway.calls == []


def test_a_job_of_somebody_else_is_not_stopped(ledger, store, gateway):
    gateway.statuses = ["InProgress"] * 3
    operation = store.advance(store.add(owned().row(1)), "submit")
    gateway.resources["training job", operation.name] = {"Tags": []}
    gateway.statuses = ["InProgress", "InProgress", "Completed"]

    with pytest.raises(ConflictError, match="was not stopped"):
        ledger.stop(operation)

    assert gateway.calls == []


def test_a_quota_is_waited_for_and_then_used(ledger, store, gateway):
    gateway.scripts = [fake.over_quota, fake.over_quota]

    operation = ledger.perform(train())

    assert operation.state == "succeeded"
    history = store.records.history("operation", operation.id)
    assert [t.to_state for t in history] == [
        "intended",
        "waiting_quota",
        "submitted",
        "succeeded",
    ]


def test_every_call_is_in_the_log_with_its_answers_id(ledger, store, gateway):
    gateway.scripts = [fake.throttled, fake.lost_request, fake.over_quota]

    operation = ledger.perform(train())

    calls = store.records.calls(operation.id)
    assert [call.outcome for call in calls] == [
        "retryable",
        "ambiguous",
        "quota",
        "accepted",
    ]
    assert calls[-1].request_id == operation.request_id == "request-4"
    assert {call.request_digest for call in calls} == {digest_of(operation.payload)}
    assert all(call.answered_at is not None for call in calls)
    assert invariants.every_call_is_logged(store.database, gateway.calls) == []
    assert invariants.no_needless_call(store.database) == []


def test_a_call_that_was_never_answered_is_in_the_log(ledger, store, gateway):
    gateway.scripts = [fake.killed]
    with pytest.raises(SystemExit):
        ledger.perform(train())

    [call] = store.records.calls(store.records.latest_operation(train().key).id)

    assert (call.outcome, call.answered_at) == ("", None)


def test_a_new_generation_replaces_the_old_one_in_its_history(ledger, store, gateway):
    gateway.statuses = ["Failed"]
    first = ledger.perform(train())

    second = ledger.perform(train())

    history = store.records.history("operation", first.id)
    assert [t.to_state for t in history][-2:] == ["failed", "replaced"]
    assert (second.generation, second.state) == (2, "succeeded")
    assert invariants.history_is_the_state(store.database) == []


def test_a_resource_that_is_not_shown_at_once_is_not_made_again(ledger, gateway):
    real, looks = gateway.describe, iter([None, None, None])
    gateway.describe = lambda kind, name: next(looks, real(kind, name))

    assert ledger.perform(train()).state == "succeeded"
    assert created(gateway) == ["churn-train-1"]


@pytest.fixture
def later(store, gateway):
    """A ledger whose clock is ahead by the seconds in its `ahead`."""
    ahead = [0]
    store.now = lambda: dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead[0])

    def sleep(_seconds):
        ahead[0] += 60 if ahead[0] else 2 * DAY

    return Ledger(store, gateway, Pace(1.0, sleep=sleep), lambda _status: None)


def test_a_job_past_its_deadline_is_timed_out_only_when_it_was_seen_to_stop(
    later, store, gateway
):
    gateway.statuses = ["InProgress", "InProgress", "InProgress", "InProgress"]

    operation = later.perform(train())

    assert operation.state == "timed_out"
    assert operation.observed == "Stopped"
    history = store.records.history("operation", operation.id)
    assert [t.to_state for t in history][-2:] == ["timing_out", "timed_out"]
    assert ("StopTrainingJob", operation.name) in gateway.calls


def test_what_cannot_be_stopped_is_stuck_and_says_what_to_do(later, store, gateway):
    gateway.statuses = ["Creating"] * 4
    intent = owned(
        resource="endpoint",
        call="CreateEndpoint",
        name=lambda _generation: "e",
        payload=lambda name, _generation: {
            "EndpointName": name,
            "Tags": [{"Key": DIGEST_TAG, "Value": "d1"}],
        },
        owner={},
    )

    with pytest.raises(StuckError, match="What to do"):
        later.perform(intent)

    assert store.records.latest_operation(train().key).state == "stuck"
    gateway.statuses = []
    assert later.perform(intent).state == "succeeded"
    assert created(gateway) == ["e"]


def test_an_outage_without_an_end_leaves_an_operation_that_can_go_on(
    ledger, store, gateway
):
    gateway.scripts = [fake.throttled] * 10
    with pytest.raises(SageMakerError, match="Rate exceeded"):
        ledger.perform(train())

    assert store.records.latest_operation(train().key).state == "intended"
    assert len(gateway.calls) == 10
    assert ledger.perform(train()).state == "succeeded"


def test_waits_after_failures_are_anywhere_below_a_growing_ceiling():
    ceilings = [Backoff(2, 28).delay(failures, lambda: 1.0) for failures in range(1, 8)]

    assert ceilings == [2, 4, 8, 16, 28, 28, 28]
    assert Backoff(2, 28).delay(5, lambda: 0.0) == 0


def test_processes_share_an_accounts_budget(database, store):
    clock, slept = [1000.0], []

    def sleep(seconds):
        slept.append(seconds)
        clock[0] += seconds

    both = [
        Budget(database, "1/eu", sleep=sleep, now=lambda: literal(clock[0]))
        for _ in range(2)
    ]
    for count in range(20):
        both[count % 2].wait("mutate")

    rate = RATES["mutate"]
    assert sum(slept) >= (20 - rate.burst) / rate.steady - 0.01
    assert sum(slept) <= 20 / rate.steady + 1
