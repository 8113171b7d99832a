"""The plan of a processing job."""

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
FAILURE = "/opt/ml/output/failure"
MESSAGE = "/opt/ml/output/message"
#: What a container reads about its own job.
_CONFIG = (
    "ProcessingJobArn",
    "ProcessingJobName",
    "AppSpecification",
    "Environment",
    "ProcessingInputs",
    "ProcessingOutputConfig",
    "ProcessingResources",
    "RoleArn",
    "StoppingCondition",
)


def processing_plan(job: Record, logs: LogFolder) -> Plan:
    """Return the plan of a processing job."""
    request = job.description
    application = request["AppSpecification"]
    cluster = request["ProcessingResources"]["ClusterConfig"]
    entrypoint = application.get("ContainerEntrypoint")
    network = request.get("NetworkConfig", {})
    workload = Workload(
        image=application["ImageUri"],
        entrypoint=tuple(entrypoint) if entrypoint else None,
        arguments=tuple(application.get("ContainerArguments", ())),
        environment={
            **request.get("Environment", {}),
            "PROCESSING_JOB_NAME": job.name,
        },
        log=logs.job_log(job),
        instance_type=cluster["InstanceType"],
        isolated=bool(network.get("EnableNetworkIsolation")),
    )
    outputs = request.get("ProcessingOutputConfig", {}).get("Outputs", [])
    stopping = request.get("StoppingCondition", {})
    targets = [output["S3Output"] for output in outputs]
    config = {name: request.get(name) for name in _CONFIG}
    return Plan(
        workload=workload,
        inputs=tuple(
            Input(
                each["InputName"],
                each["S3Input"]["S3Uri"],
                each["S3Input"]["LocalPath"],
                by_manifest=each["S3Input"]["S3DataType"] == "ManifestFile",
            )
            for each in request.get("ProcessingInputs", [])
        ),
        outputs=tuple(
            Output(target["LocalPath"], target["S3Uri"], "files")
            for target in targets
            if target["S3UploadMode"] == "EndOfJob"
        ),
        synced=tuple(
            Synced(target["LocalPath"], target["S3Uri"], both_ways=False)
            for target in targets
            if target["S3UploadMode"] == "Continuous"
        ),
        max_runtime=stopping.get("MaxRuntimeInSeconds", MAX_RUNTIME),
        files={
            "/opt/ml/config/processingjobconfig.json": document(config),
            "/opt/ml/config/resourceconfig.json": resource_config(
                cluster["InstanceType"]
            ),
        },
        folders=("/opt/ml/output", *(target["LocalPath"] for target in targets)),
    )
