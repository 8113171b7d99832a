"""What one job reads, runs and writes, worked out from its request."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from slipway.errors import SlipwayError
from slipway.sagemaker_local.executors.contract import Workload

#: The one host of every job.
HOST = "algo-1"


class JobFaultError(SlipwayError):
    """A job fails; the message is its FailureReason."""


@dataclass(frozen=True)
class Input:
    """Objects to download."""

    #: The input's or channel's name, for messages.
    name: str
    uri: str
    #: Below /opt/ml.
    folder: str
    #: The address is that of a manifest, which names the objects.
    by_manifest: bool = False
    #: The job may not change what it finds.
    read_only: bool = False


@dataclass(frozen=True)
class Output:
    """A folder to upload at the end of a job that did not fail."""

    folder: str
    uri: str
    #: One `.tar.gz` object of this address, or an object for each file below it.
    form: Literal["archive", "files"]


@dataclass(frozen=True)
class Synced:
    """A folder whose files are uploaded while the job runs, and however it ends."""

    folder: str
    uri: str
    #: Filled from S3 before the job starts; what the job deletes is deleted there.
    both_ways: bool


@dataclass(frozen=True)
class Plan:
    """One job, ready to be laid out."""

    workload: Workload
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    #: In seconds.
    max_runtime: int
    #: Configuration by path below /opt/ml.
    files: Mapping[str, bytes] = field(default_factory=dict)
    #: Empty folders that the job finds.
    folders: tuple[str, ...] = ()
    synced: tuple[Synced, ...] = ()


def document(content: Mapping[str, Any]) -> bytes:
    """Return JSON as SageMaker writes it into a container."""
    return json.dumps(content).encode()


def resource_config(instance_type: str | None) -> bytes:
    """Return `resourceconfig.json` of a job of one instance."""
    group = "homogeneousCluster"
    content = {
        "current_host": HOST,
        "hosts": [HOST],
        "network_interface_name": "eth0",
        "current_instance_type": instance_type,
        "current_group_name": group,
        "instance_groups": [
            {
                "instance_group_name": group,
                "instance_type": instance_type,
                "hosts": [HOST],
            }
        ],
    }
    return document(content)
