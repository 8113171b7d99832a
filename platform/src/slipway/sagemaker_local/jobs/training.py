"""The plan of a training job."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.executors.contract import Workload
from slipway.sagemaker_local.jobs.plan import (
    Input,
    Output,
    Plan,
    document,
    resource_config,
)
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.store import Record

#: AWS's default, in seconds.
MAX_RUNTIME = 24 * 60 * 60
DATA = "/opt/ml/input/data"
CONFIG = "/opt/ml/input/config"
MODEL = "/opt/ml/model"
OUTPUT_DATA = "/opt/ml/output/data"
FAILURE = "/opt/ml/output/failure"


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
        inputs=tuple(map(_channel, channels)),
        outputs=_outputs(request),
        max_runtime=stopping.get("MaxRuntimeInSeconds", MAX_RUNTIME),
        files={
            f"{CONFIG}/hyperparameters.json": document(
                request.get("HyperParameters", {})
            ),
            f"{CONFIG}/inputdataconfig.json": document(
                {channel["ChannelName"]: _config(channel) for channel in channels}
            ),
            f"{CONFIG}/resourceconfig.json": resource_config(instance_type),
        },
        folders=(MODEL, OUTPUT_DATA, DATA),
    )


def _channel(channel: Mapping[str, Any]) -> Input:
    name = channel["ChannelName"]
    uri = channel["DataSource"]["S3DataSource"]["S3Uri"]
    return Input(name, uri, f"{DATA}/{name}")


def _config(channel: Mapping[str, Any]) -> dict[str, Any]:
    source = channel["DataSource"]["S3DataSource"]
    content = {
        "ContentType": channel.get("ContentType"),
        "TrainingInputMode": channel.get("InputMode", "File"),
        "S3DistributionType": source.get("S3DataDistributionType", "FullyReplicated"),
        "RecordWrapperType": channel.get("RecordWrapperType", "None"),
    }
    return {name: value for name, value in content.items() if value is not None}


def _outputs(request: Mapping[str, Any]) -> tuple[Output, ...]:
    artifact = model_artifact(request)
    if artifact.endswith("/"):
        data = artifact.removesuffix("model/") + "data/"
        return Output(MODEL, artifact, "files"), Output(OUTPUT_DATA, data, "files")
    data = artifact.removesuffix("model.tar.gz") + "output.tar.gz"
    return Output(MODEL, artifact, "archive"), Output(OUTPUT_DATA, data, "archive")
