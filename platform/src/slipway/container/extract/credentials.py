"""Where a PostgreSQL warehouse is and how to log in: a secret of Secrets Manager.

This module alone of the container's code talks to AWS, and only `extract` imports it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from slipway.errors import InvalidRequestError, UnavailableError

#: What a secret holds, beside an optional sslmode; or `uri` alone.
FIELDS = ("host", "port", "username", "password", "dbname")


@dataclass(frozen=True)
class Credentials:
    """A way into a PostgreSQL server; neither field is ever printed."""

    #: The address with user and password, as libpq reads it.
    uri: str = field(repr=False)
    #: The password, so that errors can be cleared of it.
    password: str = field(repr=False)

    def redacted(self, text: str) -> str:
        """Return `text` without the address and without the password."""
        secrets = (self.uri, quote(self.password, safe=""), self.password)
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return text


def read_credentials(asked: Mapping[str, Any]) -> Credentials:
    """Return the credentials that parameters.json names by `secret_id` and `region`."""
    if not (secret_id := asked.get("secret_id")):
        message = "parameters.json: warehouse needs 'secret_id' for kind 'postgresql'"
        raise InvalidRequestError(message)
    return parse_secret(
        str(secret_id), _secret_text(str(secret_id), asked.get("region"))
    )


def parse_secret(secret_id: str, text: str) -> Credentials:
    """Return the credentials in a secret's text; its errors never quote a value."""
    try:
        secret = json.loads(text)
    except json.JSONDecodeError:
        secret = None
    if not isinstance(secret, dict):
        message = f"The secret {secret_id!r} must be a JSON object; it is none"
        raise InvalidRequestError(message)
    if uri := secret.get("uri"):
        return Credentials(str(uri), _password_of(str(uri)))
    if missing := [name for name in FIELDS if secret.get(name) in (None, "")]:
        message = (
            f"The secret {secret_id!r} lacks {', '.join(map(repr, missing))};"
            f" it needs 'uri', or {', '.join(map(repr, FIELDS))}"
        )
        raise InvalidRequestError(message)
    return _assembled({name: str(value) for name, value in secret.items()})


def _assembled(secret: Mapping[str, str]) -> Credentials:
    query = {"host": secret["host"], "port": secret["port"]}
    if "sslmode" in secret:
        query["sslmode"] = secret["sslmode"]
    user, password, name = (
        quote(secret[field], safe="") for field in ("username", "password", "dbname")
    )
    uri = f"postgresql://{user}:{password}@/{name}?{urlencode(query, quote_via=quote)}"
    return Credentials(uri, secret["password"])


def _password_of(uri: str) -> str:
    try:
        return unquote(urlsplit(uri).password or "")
    except ValueError:
        return ""


def _secret_text(secret_id: str, region: str | None) -> str:
    try:
        client = boto3.client("secretsmanager", region_name=region)
        answer = client.get_secret_value(SecretId=secret_id)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        where = f" in {region}" if region else ""
        message = f"The secret {secret_id!r} cannot be read{where}: {code}"
        kind = InvalidRequestError if code in _ABSENT else UnavailableError
        raise kind(message) from error
    except BotoCoreError as error:
        message = f"Secrets Manager cannot be asked for {secret_id!r}: {error}"
        raise UnavailableError(message) from error
    return str(answer.get("SecretString", ""))


_ABSENT = frozenset({"ResourceNotFoundException", "ValidationException"})
