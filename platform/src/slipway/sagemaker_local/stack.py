"""All that the operations work on."""

from collections.abc import Sequence
from dataclasses import dataclass

from slipway.sagemaker_local.capture.recorder import Recorder
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.endpoints.observation import Observer
from slipway.sagemaker_local.endpoints.registry import Endpoints
from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.jobs.registry import Jobs
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.s3.uploads import Uploads
from slipway.sagemaker_local.store import Store


@dataclass(frozen=True)
class Stack:
    """The parts of one local server."""

    store: Store
    objects: ObjectStore
    uploads: Uploads
    executor: Executor
    logs: LogFolder
    jobs: Jobs
    endpoints: Endpoints
    #: Keeps invocations in S3.
    capture: Recorder
    cloudwatch: CloudWatch
    #: Told of each invocation.
    observers: Sequence[Observer] = ()
