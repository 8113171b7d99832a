"""The S3 client of an environment."""

from typing import Any

import boto3
from botocore.config import Config

from slipway.settings import Settings

#: A local stack asks for no real credentials, and a laptop often has none.
LOCAL_CREDENTIALS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}


def aws_client(
    service: str, settings: Settings, config: Config
) -> Any:  # boto3 makes these at run time
    """Return a boto3 client of `service` for AWS, or for the local stack."""
    credentials = LOCAL_CREDENTIALS if settings.endpoint_url else {}
    session = boto3.session.Session(
        region_name=settings.environment.region, **credentials
    )
    return session.client(service, endpoint_url=settings.endpoint_url, config=config)
