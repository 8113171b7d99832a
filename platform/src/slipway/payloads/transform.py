"""The payload of batch transform jobs."""

from collections.abc import Iterable

from slipway.payloads.jobs import Owner
from slipway.payloads.layers import Layer, Resolved, resolve
from slipway.s3.uri import S3Uri

#: One object with the columns' names on each line: read and written by every model.
_LINES = "application/jsonlines"


def transform_job(
    name: str,
    owner: Owner,
    layers: Iterable[Layer],
    *,
    sagemaker_model_name: str,
    source: S3Uri,
    output: S3Uri,
) -> Resolved:
    """Return CreateTransformJob's payload: each line below `source` is answered in `output`."""
    facts = {
        "TransformJobName": name,
        "ModelName": sagemaker_model_name,
        "TransformInput": {
            "DataSource": {
                "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": str(source)}
            },
            "ContentType": _LINES,
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": str(output),
            "Accept": _LINES,
            "AssembleWith": "Line",
        },
        "Tags": owner.tags,
    }
    return resolve("CreateTransformJob", layers, facts)
