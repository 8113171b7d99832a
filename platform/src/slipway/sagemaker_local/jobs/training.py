"""The plan of a training job."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.executors.contract import Workload
from slipway.sagemaker_local.jobs.plan import (
    Input,
    Output,
    Plan,
    Synced,
    document,
    resource_config,
)
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.store import Record

#: AWS's default, in seconds.
MAX_RUNTIME = 24 * 60 * 60
#: AWS's limit, in seconds, which its service model does not have.
LONGEST_RUNTIME = 28 * 24 * 60 * 60
DATA = "/opt/ml/input/data"
CONFIG = "/opt/ml/input/config"
MODEL = "/opt/ml/model"
CHECKPOINTS = "/opt/ml/checkpoints"
OUTPUT_DATA = "/opt/ml/output/data"
FAILURE = "/opt/ml/output/failure"
#: Where no checkpoints can be: these are filled and read by SageMaker.
RESERVED = ("/opt/ml/input", MODEL, OUTPUT_DATA, FAILURE)


def model_artifact(request: Mapping[str, Any]) -> str:
    """Return where the artifact of a training request goes."""
    output = request["OutputDataConfig"]
    name = request["TrainingJobName"]
    base = f"{output['S3OutputPath'].rstrip('/')}/{name}/output/model"
    packed = output.get("CompressionType", "GZIP") == "GZIP"
    return f"{base}.tar.gz" if packed else f"{base}/"


def training_plan(job: Record, logs: LogFolder) -> Plan:
    """Return the plan of a training job."""
    request = job.description
    algorithm = request["AlgorithmSpecification"]
    entrypoint = algorithm.get("ContainerEntrypoint")
    arguments = algorithm.get("ContainerArguments") or ([] if entrypoint else ["train"])
    instance_type = request["ResourceConfig"]["InstanceType"]
    workload = Workload(
        image=algorithm["TrainingImage"],
        entrypoint=tuple(entrypoint) if entrypoint else None,
        arguments=tuple(arguments),
        environment={
            **request.get("Environment", {}),
            "TRAINING_JOB_NAME": job.name,
            "TRAINING_JOB_ARN": job.arn,
        },
        log=logs.job_log(job),
        instance_type=instance_type,
        isolated=bool(request.get("EnableNetworkIsolation")),
    )
    channels = request.get("InputDataConfig", [])
    stopping = request["StoppingCondition"]
    return Plan(
        workload=workload,
        inputs=tuple(_channel(channel, algorithm) for channel in channels),
        outputs=_outputs(request),
        max_runtime=stopping.get("MaxRuntimeInSeconds", MAX_RUNTIME),
        files={
            f"{CONFIG}/hyperparameters.json": document(
                request.get("HyperParameters", {})
            ),
            f"{CONFIG}/inputdataconfig.json": document(
                {
                    channel["ChannelName"]: _config(channel, algorithm)
                    for channel in channels
                }
            ),
            f"{CONFIG}/resourceconfig.json": resource_config(instance_type),
        },
        folders=(MODEL, OUTPUT_DATA, DATA),
        synced=_synced(request),
    )


def checkpoint_folder(request: Mapping[str, Any]) -> str | None:
    """Return where a training request keeps its checkpoints; None if nowhere."""
    if "CheckpointConfig" not in request:
        return None
    folder: str = request["CheckpointConfig"].get("LocalPath", CHECKPOINTS)
    return folder.rstrip("/")


def _mode(channel: Mapping[str, Any], algorithm: Mapping[str, Any]) -> str:
    mode: str = channel.get("InputMode", algorithm["TrainingInputMode"])
    return mode


def _channel(channel: Mapping[str, Any], algorithm: Mapping[str, Any]) -> Input:
    name = channel["ChannelName"]
    source = channel["DataSource"]["S3DataSource"]
    return Input(
        name,
        source["S3Uri"],
        f"{DATA}/{name}",
        by_manifest=source["S3DataType"] == "ManifestFile",
        read_only=_mode(channel, algorithm) == "FastFile",
    )


def _config(channel: Mapping[str, Any], algorithm: Mapping[str, Any]) -> dict[str, Any]:
    source = channel["DataSource"]["S3DataSource"]
    content = {
        "ContentType": channel.get("ContentType"),
        "TrainingInputMode": _mode(channel, algorithm),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return {name: value for name, value in content.items() if value is not None}


def _synced(request: Mapping[str, Any]) -> tuple[Synced, ...]:
    folder = checkpoint_folder(request)
    if folder is None:
        return ()
    return (Synced(folder, request["CheckpointConfig"]["S3Uri"], both_ways=True),)


def _outputs(request: Mapping[str, Any]) -> tuple[Output, ...]:
    artifact = model_artifact(request)
    if artifact.endswith("/"):
        data = artifact.removesuffix("model/") + "data/"
        return Output(MODEL, artifact, "files"), Output(OUTPUT_DATA, data, "files")
    data = artifact.removesuffix("model.tar.gz") + "output.tar.gz"
    return Output(MODEL, artifact, "archive"), Output(OUTPUT_DATA, data, "archive")
