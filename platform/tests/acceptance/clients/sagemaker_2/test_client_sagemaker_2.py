"""SageMaker's Python SDK, version 2, unmodified."""

import json
import time
import uuid

import pytest
from sagemaker import Session
from sagemaker.deserializers import JSONDeserializer
from sagemaker.estimator import Estimator
from sagemaker.exceptions import UnexpectedStatusException
from sagemaker.inputs import TrainingInput
from sagemaker.model_monitor import DataCaptureConfig
from sagemaker.processing import ProcessingInput, ProcessingOutput, Processor
from sagemaker.s3 import S3Downloader
from sagemaker.serializers import JSONSerializer

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def session(server, bucket):
    return Session(default_bucket=bucket)


@pytest.fixture(scope="module")
def rows(session, bucket):
    return session.upload_string_as_file_body("1,2\n3,4\n", bucket, "in/rows.csv")


@pytest.fixture(scope="module")
def new_estimator(session, server):
    """Makes estimators without Debugger and profiler, which are not supported."""

    def new(**hyperparameters):
        return Estimator(
            server.image,
            server.role,
            instance_count=1,
            instance_type=server.instance_type,
            output_path=f"s3://{session.default_bucket()}/models",
            hyperparameters=hyperparameters,
            metric_definitions=[{"Name": "loss", "Regex": r"loss=([0-9.]+);"}],
            debugger_hook_config=False,
            disable_profiler=True,
            sagemaker_session=session,
        )

    return new


@pytest.fixture(scope="module")
def fitted(new_estimator, rows):
    """An estimator of a job that ended."""
    made = new_estimator(answer="from version 2", epochs=3)
    made.fit({"train": TrainingInput(rows, content_type="text/csv")}, logs=False)
    return made


def test_fit_trains_and_prints_the_logs(new_estimator, rows, capsys):
    made = new_estimator(answer="again")
    made.fit({"train": rows}, logs="All")
    printed = capsys.readouterr().out

    assert made.latest_training_job.describe()["TrainingJobStatus"] == "Completed"
    assert "loss=0.25; done" in printed
    assert "Billable seconds" in printed


def test_a_failed_fit_raises_with_the_reason(new_estimator, rows):
    with pytest.raises(UnexpectedStatusException, match="no such column"):
        new_estimator(fail="no such column").fit({"train": rows})


def test_deploy_predict_and_delete(fitted):
    predictor = fitted.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        serializer=JSONSerializer(),
        deserializer=JSONDeserializer(),
    )
    answer = predictor.predict({"x": 1})
    predictor.delete_model()
    predictor.delete_endpoint(delete_endpoint_config=True)

    assert answer["answer"] == "from version 2"


def test_what_is_captured_is_read_back(session, fitted):
    config = DataCaptureConfig(
        enable_capture=True,
        sampling_percentage=100,
        destination_s3_uri=f"s3://{session.default_bucket()}/captured",
    )
    predictor = fitted.deploy(
        initial_instance_count=1,
        instance_type="ml.m5.large",
        serializer=JSONSerializer(),
        deserializer=JSONDeserializer(),
        data_capture_config=config,
    )
    predictor.predict({"x": 1}, inference_id="case-7")
    predictor.disable_data_capture()
    described = session.describe_endpoint(predictor.endpoint_name)
    predictor.delete_endpoint(delete_endpoint_config=True)

    folder = f"{config.destination_s3_uri}/{predictor.endpoint_name}/AllTraffic"
    deadline = time.monotonic() + 60
    while not (files := S3Downloader.list(folder, sagemaker_session=session)):
        assert time.monotonic() < deadline
    line = S3Downloader.read_file(files[0], sagemaker_session=session)
    record = json.loads(line)
    assert described["DataCaptureConfig"]["CaptureStatus"] == "Stopped"
    assert record["captureData"]["endpointInput"]["data"] == '{"x": 1}'
    assert record["captureData"]["endpointOutput"]["encoding"] == "JSON"
    assert record["eventMetadata"]["inferenceId"] == "case-7"


def test_a_processor_runs_with_logs(session, server, rows, capsys):
    target = f"s3://{session.default_bucket()}/processed"
    processor = Processor(
        role=server.role,
        image_uri=server.image,
        instance_count=1,
        instance_type=server.instance_type,
        entrypoint=None,
        sagemaker_session=session,
    )
    processor.run(
        inputs=[ProcessingInput(rows, "/opt/ml/processing/input")],
        outputs=[
            ProcessingOutput(source="/opt/ml/processing/output", destination=target)
        ],
        arguments=["process"],
    )

    assert processor.latest_job.describe()["ExitMessage"] == "all in capitals"
    assert "processing" in capsys.readouterr().out
    assert (
        session.read_s3_file(session.default_bucket(), "processed/rows.csv")
        == "1,2\n3,4\n"
    )


def test_a_transformer_writes_an_answer_for_each_line(session, fitted, rows, server):
    target = f"s3://{session.default_bucket()}/scored"
    transformer = fitted.transformer(
        1,
        server.instance_type,
        output_path=target,
        assemble_with="Line",
        accept="text/csv",
    )
    transformer.transform(rows, content_type="text/csv", split_type="Line")

    assert (
        session.read_s3_file(session.default_bucket(), "scored/rows.csv.out")
        == "3.0\n7.0\n"
    )


def test_a_model_is_registered_and_listed(session, server, fitted):
    model = fitted.create_model()
    package = model.register(
        content_types=["application/json"],
        response_types=["application/json"],
        inference_instances=[server.instance_type],
        transform_instances=[server.instance_type],
        model_package_group_name=f"group-{uuid.uuid4().hex[:8]}",
        approval_status="Approved",
    )
    found = session.sagemaker_client.describe_model_package(
        ModelPackageName=package.model_package_arn
    )
    assert found["ModelApprovalStatus"] == "Approved"
