"""Create, describe, stop and list transform jobs."""

from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.identity import arn
from slipway.sagemaker_local.jobs.kinds import TRANSFORM
from slipway.sagemaker_local.jobs.transform.container import frozen
from slipway.sagemaker_local.jobs.transform.request import check, with_defaults
from slipway.sagemaker_local.operations.job_addresses import check_addresses
from slipway.sagemaker_local.operations.job_records import begin, described, new_job
from slipway.sagemaker_local.operations.listing import Listing, list_page
from slipway.sagemaker_local.operations.model_operations import MODEL, existing
from slipway.sagemaker_local.stack import Stack

Payload = Mapping[str, Any]
Answer = dict[str, Any]
_LISTING = Listing(
    "transform-job",
    "TransformJobSummaries",
    status="TransformJobStatus",
    shows_modified=True,
    newest_first=True,
)


def create_transform_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """CreateTransformJob: its model must be there."""
    check(payload)
    check_addresses(TRANSFORM, payload)
    name = payload["TransformJobName"]
    job = new_job(TRANSFORM, region, name, with_defaults(payload))
    if stack.store.get(job.arn) is not None:
        raise TRANSFORM.exists(job.arn)
    model = existing(stack, region, MODEL, payload["ModelName"])
    begin(stack, TRANSFORM, job.with_execution(container=frozen(model, payload)))
    return {"TransformJobArn": job.arn}


def describe_transform_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """DescribeTransformJob."""
    return described(stack, region, TRANSFORM, payload["TransformJobName"])


def stop_transform_job(stack: Stack, region: str, payload: Payload) -> Answer:
    """StopTransformJob."""
    name = payload["TransformJobName"]
    stack.jobs.stop(TRANSFORM, arn(region, TRANSFORM.kind, name), name)
    return {}


def list_transform_jobs(stack: Stack, region: str, payload: Payload) -> Answer:
    """ListTransformJobs."""
    return list_page(stack.store, region, _LISTING, payload)
