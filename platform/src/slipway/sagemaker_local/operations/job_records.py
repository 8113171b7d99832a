"""Jobs as the store has them: made, begun, described."""

import time
from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.identity import arn
from slipway.sagemaker_local.jobs.kinds import JobKind
from slipway.sagemaker_local.operations.tags import given_tags
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import Record, RecordExistsError

Payload = Mapping[str, Any]
Answer = dict[str, Any]


def new_job(kind: JobKind, region: str, name: str, description: Payload) -> Record:
    """Return a job that nothing was done for."""
    now = time.time()
    name_and_arn = {f"{kind.prefix}JobArn": arn(region, kind.kind, name)}
    kept = {key: value for key, value in description.items() if key != "Tags"}
    return Record(
        arn=arn(region, kind.kind, name),
        kind=kind.kind,
        region=region,
        name=name,
        status="InProgress",
        created_at=now,
        modified_at=now,
        description={**kept, **name_and_arn, "Tags": description.get("Tags", [])},
    )


def check_image(stack: Stack, job: Record, image: str) -> None:
    """Refuse a new job whose image is not there."""
    if stack.store.get(job.arn) is None and stack.executor.digest(image) is None:
        raise faults.image_missing(image)


def begin(stack: Stack, kind: JobKind, job: Record) -> None:
    """Store a new job with its tags, and run it; a taken name is AWS's error."""
    tags = given_tags(job.description["Tags"])
    job = job.with_description(Tags=None)
    try:
        stack.store.create(job, tags)
    except RecordExistsError as error:
        raise kind.exists(job.arn) from error
    stack.jobs.begin(kind, job)


def described(stack: Stack, region: str, kind: JobKind, name: str) -> Answer:
    """Return what Describe answers of a job."""
    job = stack.store.get(arn(region, kind.kind, name))
    if job is None:
        raise kind.missing(name)
    return {
        **job.description,
        f"{kind.prefix}JobStatus": job.status,
        "CreationTime": job.created_at,
        "LastModifiedTime": job.modified_at,
    }
