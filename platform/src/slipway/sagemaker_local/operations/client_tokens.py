"""The client tokens of requests: the same request twice makes one resource."""

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.store import Record, Store

Payload = Mapping[str, Any]
_MEMBER = "ClientToken"


def token_key(operation: str, region: str, payload: Payload) -> str | None:
    """Return what a request's token is kept under; None where it has none."""
    token = payload.get(_MEMBER)
    return None if token is None else f"client-token:{region}:{operation}:{token}"


def made_before(store: Store, key: str | None, payload: Payload) -> str | None:
    """Return the ARN that an earlier request of this token made."""
    token = None if key is None else store.get(key)
    if token is None:
        return None
    if token.execution["request"] != _digest(payload):
        raise faults.client_token_used()
    made: str = token.execution["made"]
    return made


def remember(store: Store, key: str | None, payload: Payload, made: Record) -> None:
    """Keep what the request of a token made."""
    if key is None:
        return
    token = Record(
        arn=key,
        kind="client-token",
        region=made.region,
        name=payload[_MEMBER],
        status="",
        created_at=made.created_at,
        modified_at=made.created_at,
        execution={"made": made.arn, "request": _digest(payload)},
    )
    store.create(token, {})


def _digest(payload: Payload) -> str:
    text = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
