"""Manifests: objects that name the objects of an input."""

from collections.abc import Iterator

import orjson

from slipway.sagemaker_local.jobs.plan import Input, JobFaultError

_LARGEST = 64 * 1024 * 1024


def listed_keys(content: bytes, source: Input) -> Iterator[tuple[str, str]]:
    """Yield each name in a manifest, in order, and the S3 address it stands for."""
    try:
        first, *names = orjson.loads(content)
        prefix = first["prefix"]
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(source) from error
    if not all(isinstance(each, str) for each in (prefix, *names)):
        raise _unreadable(source)
    for name in sorted(set(names)):
        yield name.lstrip("/"), f"{prefix}{name}"


def check_size(size: int, source: Input) -> None:
    """Refuse a manifest that is too large to be one."""
    if size > _LARGEST:
        raise _unreadable(source)


def _unreadable(source: Input) -> JobFaultError:
    message = (
        f'ClientError: Data download failed:the manifest "{source.uri}" of input data '
        f'source "{source.name}" is not a JSON array whose first element is '
        '{"prefix": "s3://..."}, followed by names.'
    )
    return JobFaultError(message)
