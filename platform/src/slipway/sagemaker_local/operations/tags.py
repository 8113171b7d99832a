"""AddTags, DeleteTags and ListTags, and the tags given at a creation."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Any

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.operations.listing import decoded, encoded
from slipway.sagemaker_local.stack import Stack
from slipway.sagemaker_local.store import RecordMissingError

MOST_TAGS = 50
#: Only AWS itself sets tags of this prefix, however it is written.
_RESERVED = "aws:"
Tags = Mapping[str, str]


def given_tags(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the tags of a request by key; a key given twice is refused."""
    by_key = {tag["Key"]: tag["Value"] for tag in tags}
    if len(by_key) < len(tags):
        raise faults.duplicate_tag_keys()
    for key in by_key:
        if key.lower().startswith(_RESERVED):
            raise faults.reserved_tag_key(key)
    return by_key


def add_tags(stack: Stack, _region: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """AddTags."""
    new = given_tags(payload["Tags"])

    def change(tags: Tags) -> Tags:
        if len({**tags, **new}) > MOST_TAGS:
            raise faults.too_many_tags(MOST_TAGS)
        return {**tags, **new}

    return {"Tags": _shown(_changed(stack, payload["ResourceArn"], change))}


def delete_tags(
    stack: Stack, _region: str, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """DeleteTags: keys that no tag has are no error."""
    keys = set(payload["TagKeys"])
    _changed(
        stack,
        payload["ResourceArn"],
        lambda tags: {key: tags[key] for key in tags if key not in keys},
    )
    return {}


def list_tags(stack: Stack, _region: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """ListTags."""
    resource = payload["ResourceArn"]
    if stack.store.get(resource) is None:
        raise faults.resource_missing(resource)
    tags = stack.store.tags(resource)
    limit = payload.get("MaxResults", MOST_TAGS)
    after = _after(payload.get("NextToken"))
    later = [key for key in tags if key > after]
    page = {key: tags[key] for key in islice(later, limit)}
    answer: dict[str, Any] = {"Tags": _shown(page)}
    if len(later) > limit:
        answer["NextToken"] = encoded([later[limit - 1]])
    return answer


def _changed(stack: Stack, arn: str, change: Callable[[Tags], Tags]) -> Tags:
    try:
        return stack.store.change_tags(arn, change)
    except RecordMissingError as error:
        raise faults.resource_missing(arn) from error


def _shown(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]


def _after(token: str | None) -> str:
    if token is None:
        return ""
    match decoded(token):
        case [str() as key]:
            return key
    raise faults.invalid_token()
