import botocore.session
import pytest

from slipway.controller.operations import TRIGGERS as MEANINGS
from slipway.controller.states import CHARTS
from slipway.controller.states.endpoint import TRIGGERS, finding
from slipway.controller.states.operation import ENDED, WATCHED
from slipway.sagemaker import status
from slipway.sagemaker.status import Meaning

TABLES = {
    "ProcessingJobStatus": status.PROCESSING_JOB,
    "TrainingJobStatus": status.TRAINING_JOB,
    "TransformJobStatus": status.TRANSFORM_JOB,
    "EndpointStatus": status.ENDPOINT,
}


@pytest.fixture(scope="module")
def service_model():
    return botocore.session.get_session().get_service_model("sagemaker")


@pytest.mark.parametrize(("enum", "table"), TABLES.items())
def test_every_status_of_sagemaker_has_a_meaning(service_model, enum, table):
    assert set(table) == set(service_model.shape_for(enum).enum)


@pytest.mark.parametrize("table", TABLES.values())
def test_a_stopped_job_is_neither_a_success_nor_in_progress(table):
    assert table.get("Stopped", Meaning.STOPPED) is Meaning.STOPPED


def test_every_status_of_an_endpoint_fires_a_trigger_of_its_chart(service_model):
    statuses = set(service_model.shape_for("EndpointStatus").enum)

    assert set(TRIGGERS) == statuses


@pytest.mark.parametrize("status", [None, *status.ENDPOINT])
@pytest.mark.parametrize("desired", ["", "mine", "another"])
def test_what_is_seen_of_an_endpoint_decides_its_state_wherever_it_was(status, desired):
    trigger = finding(status, "mine", desired)

    targets = {CHARTS["endpoint"].target(s, trigger) for s in CHARTS["endpoint"].names}

    assert len(targets - {None}) == 1


@pytest.mark.parametrize("meaning", sorted(set(Meaning) - {Meaning.IN_PROGRESS}))
def test_every_end_that_sagemaker_tells_ends_an_operation(meaning):
    for state in WATCHED:
        assert CHARTS["operation"].target(state, MEANINGS[meaning]) in ENDED
