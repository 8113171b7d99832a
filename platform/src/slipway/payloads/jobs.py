"""The payloads of processing and training jobs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.payloads.layers import Layer, Resolved, resolve
from slipway.s3.uri import S3Uri

_INPUT_ROOT = "/opt/ml/processing/input"
_OUTPUT_ROOT = "/opt/ml/processing/output"


def model_tags(environment: str, model: str) -> dict[str, str]:
    """Return what tells whose a resource is, by its keys."""
    return {"slipway:environment": environment, "slipway:model": model}


@dataclass(frozen=True)
class Owner:
    """What every resource of Slipway is tagged with: adopt only what carries it."""

    environment: str
    model: str
    #: The digest that names the operation.
    digest: str

    @property
    def values(self) -> dict[str, str]:
        """The tags by their keys."""
        ours = model_tags(self.environment, self.model)
        return {**ours, "slipway:digest": self.digest}

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tags in SageMaker's form."""
        return [{"Key": key, "Value": value} for key, value in self.values.items()]


@dataclass(frozen=True)
class Job:
    """The facts that a processing and a training job have in common."""

    name: str
    image_uri: str
    owner: Owner


def processing_job(
    job: Job,
    layers: Iterable[Layer],
    *,
    command: str,
    inputs: Mapping[str, S3Uri],
    produces: str,
    output: S3Uri,
    isolated: bool,
) -> Resolved:
    """Return CreateProcessingJob's payload.

    `inputs` maps folders below `/opt/ml/processing/input` to prefixes; `output` receives
    what the command writes to the folder `produces` below `/opt/ml/processing/output`.
    """
    facts = {
        "ProcessingJobName": job.name,
        "AppSpecification": {
            "ImageUri": job.image_uri,
            "ContainerArguments": [command],
        },
        "ProcessingInputs": [
            _processing_input(folder, uri) for folder, uri in inputs.items()
        ],
        "ProcessingOutputConfig": {"Outputs": [_processing_output(produces, output)]},
        "NetworkConfig": {"EnableNetworkIsolation": isolated},
        "Tags": job.owner.tags,
    }
    return resolve("CreateProcessingJob", layers, facts)


def training_job(
    job: Job,
    layers: Iterable[Layer],
    *,
    channels: Mapping[str, S3Uri],
    output: S3Uri,
) -> Resolved:
    """Return CreateTrainingJob's payload."""
    facts = {
        "TrainingJobName": job.name,
        "AlgorithmSpecification": {"TrainingImage": job.image_uri},
        "InputDataConfig": [_channel(name, uri) for name, uri in channels.items()],
        "OutputDataConfig": {"S3OutputPath": str(output)},
        "Tags": job.owner.tags,
    }
    return resolve("CreateTrainingJob", layers, facts)


def _processing_input(folder: str, uri: S3Uri) -> dict[str, Any]:
    return {
        "InputName": folder.replace("/", "-").replace("_", "-"),
        "S3Input": {
            "S3Uri": str(uri),
            "LocalPath": f"{_INPUT_ROOT}/{folder}",
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
        },
    }


def _processing_output(folder: str, uri: S3Uri) -> dict[str, Any]:
    return {
        "OutputName": folder,
        "S3Output": {
            "S3Uri": str(uri),
            "LocalPath": f"{_OUTPUT_ROOT}/{folder}",
            "S3UploadMode": "EndOfJob",
        },
    }


def _channel(name: str, uri: S3Uri) -> dict[str, Any]:
    source = {
        "S3DataType": "S3Prefix",
        "S3Uri": str(uri),
        "S3DataDistributionType": "FullyReplicated",
    }
    return {"ChannelName": name, "DataSource": {"S3DataSource": source}}
