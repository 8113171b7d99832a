"""The S3 client of an environment."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from slipway.settings import Settings

#: A local stack asks for no real credentials, and a laptop often has none.
_LOCAL_CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


def aws_client(service: str, settings: Settings, config: Config) -> Any:
    """Return a boto3 client of `service` for AWS, or for the local stack."""
    url = settings.endpoint_url
    session = _session(settings.environment.region, local=url is not None)
    return session.client(service, endpoint_url=url, config=config)


@cache
def _session(region: str, *, local: bool) -> boto3.session.Session:
    """Return one session for all clients: it loads each service's model once."""
    credentials = _LOCAL_CREDENTIALS if local else {}
    return boto3.session.Session(region_name=region, **credentials)
