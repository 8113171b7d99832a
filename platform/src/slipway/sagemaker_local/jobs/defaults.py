"""What Describe answers of a job where its request said nothing."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.jobs.processing import MAX_RUNTIME as PROCESSING_TIME
from slipway.sagemaker_local.jobs.training import CHECKPOINTS
from slipway.sagemaker_local.jobs.training import MAX_RUNTIME as TRAINING_TIME

Payload = Mapping[str, Any]
_SWITCHES = (
    "EnableNetworkIsolation",
    "EnableInterContainerTrafficEncryption",
    "EnableManagedSpotTraining",
)
_CHANNEL = {"CompressionType": "None", "RecordWrapperType": "None"}
_OUTPUT = {"KmsKeyId": "", "CompressionType": "GZIP"}
_S3_INPUT = {
    "S3InputMode": "File",
    "S3DataDistributionType": "FullyReplicated",
    "S3CompressionType": "None",
}


def training_defaults(request: Payload) -> dict[str, Any]:
    """Return a training request as DescribeTrainingJob repeats it."""
    content = {**dict.fromkeys(_SWITCHES, False), **request}
    content["StoppingCondition"] = {
        "MaxRuntimeInSeconds": TRAINING_TIME,
        **request.get("StoppingCondition", {}),
    }
    content["OutputDataConfig"] = {**_OUTPUT, **request["OutputDataConfig"]}
    if "InputDataConfig" in request:
        content["InputDataConfig"] = [
            {**_CHANNEL, **channel} for channel in request["InputDataConfig"]
        ]
    if "CheckpointConfig" in request:
        folder = {"LocalPath": CHECKPOINTS}
        content["CheckpointConfig"] = {**folder, **request["CheckpointConfig"]}
    return content


def processing_defaults(request: Payload) -> dict[str, Any]:
    """Return a processing request as DescribeProcessingJob repeats it."""
    content = {"StoppingCondition": {"MaxRuntimeInSeconds": PROCESSING_TIME}, **request}
    if "ProcessingInputs" in request:
        content["ProcessingInputs"] = [
            {"AppManaged": False, **each, "S3Input": {**_S3_INPUT, **each["S3Input"]}}
            for each in request["ProcessingInputs"]
        ]
    if "ProcessingOutputConfig" in request:
        config = request["ProcessingOutputConfig"]
        outputs = [{"AppManaged": False, **each} for each in config["Outputs"]]
        content["ProcessingOutputConfig"] = {**config, "Outputs": outputs}
    return content
