"""SageMaker's Python SDK, version 3, unmodified."""

import json

import boto3
import pytest
from sagemaker.core.helper.session_helper import Session
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
)
from sagemaker.core.transformer import Transformer
from sagemaker.core.utils.exceptions import FailedStatusError
from sagemaker.serve import ModelBuilder
from sagemaker.train import ModelTrainer
from sagemaker.train.configs import Compute, InputData, OutputDataConfig

pytestmark = pytest.mark.nightly


@pytest.fixture(scope="module")
def session(server, bucket):
    return Session(default_bucket=bucket)


@pytest.fixture(scope="module")
def rows(bucket):
    boto3.client("s3").put_object(Bucket=bucket, Key="in/rows.csv", Body=b"1,2\n3,4\n")
    return f"s3://{bucket}/in/rows.csv"


@pytest.fixture(scope="module")
def new_trainer(session, server, bucket):
    def new(**hyperparameters):
        return ModelTrainer(
            training_image=server.image,
            role=server.role,
            compute=Compute(instance_type=server.instance_type, instance_count=1),
            output_data_config=OutputDataConfig(s3_output_path=f"s3://{bucket}/models"),
            hyperparameters=hyperparameters,
            base_job_name="version-3",
            sagemaker_session=session,
        )

    return new


@pytest.fixture(scope="module")
def trained(new_trainer, rows):
    """A training job that ended."""
    trainer = new_trainer(answer="from version 3")
    trainer.train([InputData(channel_name="train", data_source=rows)], logs=False)
    return trainer._latest_training_job


@pytest.fixture(scope="module")
def endpoint(session, server, trained):
    builder = ModelBuilder(
        image_uri=server.image,
        s3_model_data_url=trained.model_artifacts.s3_model_artifacts,
        role_arn=server.role,
        instance_type=server.instance_type,
        sagemaker_session=session,
    )
    builder.build(model_name="version-3")
    return builder.deploy(endpoint_name="version-3", initial_instance_count=1)


def test_a_trainer_trains_and_prints_the_logs(new_trainer, rows, caplog):
    trainer = new_trainer(answer="again")
    caplog.set_level("INFO")
    trainer.train([InputData(channel_name="train", data_source=rows)], logs=True)

    assert trainer._latest_training_job.training_job_status == "Completed"
    assert "loss=0.25; done" in caplog.text


def test_a_failed_training_raises_with_the_reason(new_trainer, rows):
    trainer = new_trainer(fail="no such column")
    with pytest.raises(FailedStatusError, match="no such column"):
        trainer.train([InputData(channel_name="train", data_source=rows)], logs=False)


def test_a_built_model_is_deployed_and_answers(endpoint):
    answer = endpoint.invoke(body=b'{"x": 1}', content_type="application/json")

    assert json.loads(answer.body.read())["answer"] == "from version 3"


def test_a_processor_runs(session, server, rows, bucket):
    processor = Processor(
        role=server.role,
        image_uri=server.image,
        instance_count=1,
        instance_type=server.instance_type,
        sagemaker_session=session,
    )
    source = ProcessingS3Input(
        s3_uri=rows, s3_data_type="S3Prefix", local_path="/opt/ml/processing/input"
    )
    target = ProcessingS3Output(
        s3_uri=f"s3://{bucket}/processed",
        local_path="/opt/ml/processing/output",
        s3_upload_mode="EndOfJob",
    )
    processor.run(
        inputs=[ProcessingInput(input_name="in", s3_input=source)],
        outputs=[ProcessingOutput(output_name="out", s3_output=target)],
        arguments=["process"],
    )

    processor.latest_job.refresh()
    assert processor.latest_job.exit_message == "all in capitals"


def test_a_transformer_writes_an_answer_for_each_line(
    session, server, endpoint, rows, bucket
):
    transformer = Transformer(
        model_name="version-3",
        instance_count=1,
        instance_type=server.instance_type,
        output_path=f"s3://{bucket}/scored",
        assemble_with="Line",
        accept="text/csv",
        sagemaker_session=session,
    )
    transformer.transform(rows, content_type="text/csv", split_type="Line", wait=True)

    written = boto3.client("s3").get_object(Bucket=bucket, Key="scored/rows.csv.out")
    assert written["Body"].read() == b"3.0\n7.0\n"
