from pathlib import Path

import pytest

from slipway.payloads.deployment import deployment_config
from slipway.payloads.files import environment_layer, model_layer, platform_layer
from slipway.payloads.hosting import (
    endpoint,
    endpoint_config,
    endpoint_update,
    sagemaker_model,
)
from slipway.payloads.jobs import Job, Owner, processing_job, training_job
from slipway.s3.uri import S3Uri
from slipway.sagemaker.shapes import violations
from slipway.settings import load_settings
from slipway.spec import DeploymentPolicy, ModelSpec

ROOT = Path(__file__).parents[4]
SPEC = ModelSpec.model_validate(
    {
        "name": "churn",
        "owner": "o",
        "description": "d",
        "key": "id",
        "target": "y",
        "columns": {"id": {"type": "integer"}, "y": {"type": "integer"}},
        "instances": {"extract": "ml.m5.4xlarge", "train": "ml.c5.2xlarge"},
        "endpoint": {"instance_count": 3},
        "hyperparameters": {"depth": 3, "shuffle": True, "loss": "log"},
        "gates": {"roc_auc": {"min": 0.9}},
    }
)
OWNER = Owner("local", "churn", "sha256:" + "0" * 64)
JOB = Job("churn-x-1", "r/slipway/churn:1", OWNER)
OUTPUT = S3Uri("bucket", "local/churn/runs/1/extract/")


def layers(step="train"):
    settings = load_settings(ROOT, "local", {})
    folder = ROOT / "models" / "churn"
    model = model_layer(SPEC, folder, step)
    return (platform_layer(), environment_layer(settings), model)


def extract(stacked):
    return processing_job(
        JOB,
        stacked,
        command="extract",
        inputs={"parameters": OUTPUT, "warehouse/big_table": OUTPUT},
        produces="extract",
        output=OUTPUT,
        isolated=True,
    )


def train(stacked):
    return training_job(
        JOB,
        stacked,
        channels={"train": OUTPUT, "test": OUTPUT},
        output=OUTPUT,
    )


def model(stacked):
    return sagemaker_model(
        JOB, stacked, model_data_url=OUTPUT / "model.tar.gz", environment={"A": "1"}
    )


def config(stacked):
    return endpoint_config(JOB, stacked, sagemaker_model_name="churn-1")


@pytest.mark.parametrize(
    ("operation", "build", "step"),
    [
        ("CreateProcessingJob", extract, "extract"),
        ("CreateTrainingJob", train, "train"),
        ("CreateModel", model, "deploy"),
        ("CreateEndpointConfig", config, "deploy"),
    ],
)
def test_every_payload_is_one_that_sagemaker_accepts(operation, build, step):
    assert violations("sagemaker", operation, build(layers(step)).payload) == []


def test_an_endpoint_is_created_and_updated_with_payloads_that_sagemaker_accepts():
    created = endpoint("e", endpoint_config_name="c", tags=OWNER.tags)
    at_once = deployment_config(DeploymentPolicy(), ())
    updated = endpoint_update("e", endpoint_config_name="c", deployment=at_once)

    assert violations("sagemaker", "CreateEndpoint", created) == []
    assert violations("sagemaker", "UpdateEndpoint", updated) == []


def test_the_model_is_laid_over_the_platform():
    cluster = extract(layers("extract")).payload["ProcessingResources"]["ClusterConfig"]

    assert cluster == {
        "InstanceCount": 1,
        "InstanceType": "ml.m5.4xlarge",
        "VolumeSizeInGB": 30,
    }


def test_a_training_is_given_its_hyperparameters_as_text_and_its_gates_as_metrics():
    made = train(layers("train")).payload

    assert made["HyperParameters"] == {"depth": "3", "shuffle": "true", "loss": "log"}
    assert made["AlgorithmSpecification"]["MetricDefinitions"] == [
        {"Name": "roc_auc", "Regex": r"\broc_auc=([-+0-9.eE]+);"}
    ]


def test_the_variant_keeps_its_name_and_takes_the_models_capacity():
    variant = config(layers("deploy")).payload["ProductionVariants"][0]

    assert variant["VariantName"] == "primary"
    assert variant["InitialInstanceCount"] == 3
