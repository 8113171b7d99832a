import botocore.session
import pytest

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
