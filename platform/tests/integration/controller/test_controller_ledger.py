import datetime as dt

import pytest
import stamina

from slipway.controller.operations import DIGEST_TAG, Intent, Ledger
from slipway.controller.orm import Run
from slipway.controller.schema import migrate
from slipway.controller.store import Database, Store
from slipway.errors import ConflictError
from slipway.sagemaker.errors import SageMakerError
from slipway.testing import fake_gateway as fake

JOB = "TrainingJobName"


@pytest.fixture(autouse=True)
def _no_waiting():
    with stamina.set_testing(True, attempts=6):
        yield


@pytest.fixture
def store(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/controller.db")
    migrate(database)
    made = Store(database)
    made.add(
        Run(
            run_id="r1",
            model="churn",
            environment="local",
            run_date=dt.date(2026, 1, 31),
            parameters={},
        )
    )
    yield made
    database.engine.dispose()


@pytest.fixture
def gateway():
    return fake.FakeGateway()


@pytest.fixture
def ledger(store, gateway):
    return Ledger(store, gateway, 0.0, lambda _status: None)


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


def test_missing_rights_leave_the_intent_open(ledger, store, gateway):
    gateway.scripts = [fake.denied]

    with pytest.raises(SageMakerError, match="AccessDenied"):
        ledger.perform(train())

    assert store.records.latest_operation(train().key).state == "intended"
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
