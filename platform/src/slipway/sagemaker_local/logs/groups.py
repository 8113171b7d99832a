"""Log groups: which one is meant, and what there are."""

import re
from collections.abc import Mapping
from typing import Any

from slipway.sagemaker_local.identity import ACCOUNT
from slipway.sagemaker_local.logs.faults import group_missing, invalid, token_invalid
from slipway.sagemaker_local.logs.folder import LogFolder, is_ours

#: What one page holds at most of groups or of streams.
MOST_ITEMS = 50
#: Of a group that was looked for by a pattern, AWS tells no more.
_BY_PATTERN = ("logGroupName", "creationTime", "arn")
_ARN = re.compile(r"arn:aws:logs:([\w-]+):(\d{12}):log-group:([^:*]+)")


def describe_log_groups(
    logs: LogFolder, region: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """DescribeLogGroups, by name."""
    prefix, pattern = (
        payload.get(f"logGroupName{each}") for each in ("Prefix", "Pattern")
    )
    if prefix and pattern:
        message = (
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive "
            "parameters."
        )
        raise invalid(message)
    found = [
        name
        for name in logs.groups(region)
        if name.startswith(prefix or "") and (pattern or "") in name
    ]
    shown, token = page(found, payload)
    described = [_described(logs, region, name) for name in shown]
    if pattern is not None:
        described = [{key: each[key] for key in _BY_PATTERN} for each in described]
    return {"logGroups": described, **token}


def page(
    names: list[str], payload: Mapping[str, Any]
) -> tuple[list[str], dict[str, str]]:
    """Return those of sorted names that a page shows, and its token, if more follow.

    A token is the last name that was shown: what is added meanwhile moves nothing.
    """
    token, limit = payload.get("nextToken"), payload.get("limit", MOST_ITEMS)
    if token is not None:
        if not token.startswith("n/"):
            raise token_invalid()
        last = token.removeprefix("n/")
        names = [
            name
            for name in names
            if (name < last if payload.get("descending") else name > last)
        ]
    shown = names[:limit]
    return shown, {"nextToken": f"n/{shown[-1]}"} if len(names) > limit else {}


def group_of(region: str, payload: Mapping[str, Any]) -> str:
    """Return the group that a request is about, by its name or its identifier."""
    name, identifier = payload.get("logGroupName"), payload.get("logGroupIdentifier")
    if (name is None) == (identifier is None):
        message = (
            "Exactly one of logGroupName and logGroupIdentifier must be given, and "
            f"{'neither is' if name is None else 'both are'}"
        )
        raise invalid(message)
    group: str = payload["logGroupIdentifier" if name is None else "logGroupName"]
    if arn := _ARN.fullmatch(group):
        group = arn[3] if arn.groups()[:2] == (region, ACCOUNT) else ""
    if not is_ours(group):
        raise group_missing()
    return group


def arn_of(region: str, group: str) -> str:
    """Return the ARN of a log group."""
    return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{group}"


def _described(logs: LogFolder, region: str, name: str) -> dict[str, Any]:
    return {
        "logGroupName": name,
        "creationTime": logs.created_at(region, name),
        "metricFilterCount": 0,
        "arn": f"{arn_of(region, name)}:*",
        "logGroupArn": arn_of(region, name),
        "storedBytes": 0,
        "logGroupClass": "STANDARD",
    }
