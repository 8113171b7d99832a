"""A job's outputs, from its folders to S3."""

from itertools import chain

from slipway.sagemaker_local.archives import tar_gz
from slipway.sagemaker_local.executors.contract import Executor
from slipway.sagemaker_local.jobs.downloads import address
from slipway.sagemaker_local.jobs.plan import JobFaultError, Output
from slipway.sagemaker_local.s3.body import Produced
from slipway.sagemaker_local.s3.faults import S3Error
from slipway.sagemaker_local.s3.objects import ObjectStore


def upload(store: ObjectStore, executor: Executor, handle: str, output: Output) -> None:
    """Upload what a job left in a folder; nothing where it left nothing."""
    uri = address(output.uri)
    files = executor.collect(handle, output.folder)
    try:
        if output.form == "archive":
            first = next(files, None)
            if first is not None:
                content = Produced(tar_gz(chain([first], files)))
                store.put(uri.bucket, uri.key, content)
            return
        for file in files:
            target = uri / file.path
            store.put(target.bucket, target.key, Produced(file.content))
    except S3Error as error:
        message = f"ClientError: Failed to upload to {output.uri}: {error}"
        raise JobFaultError(message) from error


def read_text(executor: Executor, handle: str, path: str, limit: int) -> bytes:
    """Return the first bytes of a file that a job left; empty if there is none."""
    text = b""
    for file in executor.collect(handle, path):
        for piece in file.content:
            text += piece[: limit - len(text)]
    return text
