"""Airflow's Amazon provider, unmodified: a DAG of its operators and sensors."""

import json
import subprocess
from pathlib import Path

import boto3
import pytest

pytestmark = pytest.mark.nightly
DAGS = Path(__file__).parent / "dags"


@pytest.fixture(scope="module")
def states(server, bucket, tmp_path_factory):
    """How each task of the DAG ended."""
    home = tmp_path_factory.mktemp("airflow")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
            "CLIENT_IMAGE": server.image,
            "CLIENT_ROLE": server.role,
            "CLIENT_BUCKET": bucket,
        }.items():
            patch.setenv(name, value)
        patch.syspath_prepend(DAGS)
        yield ended_states(bucket)


def ended_states(bucket):
    # Airflow reads its settings when it is imported.
    from sagemaker_dag import dag

    subprocess.run(["airflow", "db", "migrate"], check=True, capture_output=True)
    boto3.client("s3").put_object(Bucket=bucket, Key="in/rows.csv", Body=b"1,2\n3,4\n")
    run = dag.test()
    return {each.task_id: str(each.state) for each in run.get_task_instances()}


def test_each_operator_and_sensor_succeeds(states):
    assert set(states.values()) == {"success"}, states
    assert len(states) == 13


def test_the_training_left_an_artifact(states, bucket):
    key = "models/airflow/output/model.tar.gz"

    assert boto3.client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"]


def test_the_transform_left_its_answers(states, bucket):
    written = boto3.client("s3").get_object(Bucket=bucket, Key="scored/rows.csv.out")

    assert written["Body"].read() == b"3.0\n7.0\n"


def test_the_endpoint_serves_the_config_of_the_update(states):
    endpoint = boto3.client("sagemaker").describe_endpoint(EndpointName="airflow")
    answer = boto3.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="airflow", ContentType="application/json", Body=b"{}"
    )

    assert endpoint["EndpointStatus"] == "InService"
    assert endpoint["EndpointConfigName"] == "airflow-2"
    assert json.loads(answer["Body"].read())["answer"] == "from Airflow"
