"""AddTags and ListTags, and the tags given at a creation."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from slipway.sagemaker_local.faults import validation
from slipway.sagemaker_local.stack import Stack

MOST_TAGS = 50


def given_tags(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the tags of a request by key; a key given twice is refused."""
    by_key = {tag["Key"]: tag["Value"] for tag in tags}
    if len(by_key) < len(tags):
        message = "Duplicate tag keys found. Please ensure the tag keys are unique."
        raise validation(message)
    return by_key


def add_tags(stack: Stack, _region: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """AddTags."""
    resource = _existing(stack, payload["ResourceArn"])
    new = given_tags(payload["Tags"])
    if len(stack.store.tags(resource) | new) > MOST_TAGS:
        message = f"A resource has at most {MOST_TAGS} tags"
        raise validation(message)
    return {"Tags": _shown(stack.store.add_tags(resource, new))}


def list_tags(stack: Stack, _region: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """ListTags."""
    tags = stack.store.tags(_existing(stack, payload["ResourceArn"]))
    limit = payload.get("MaxResults", MOST_TAGS)
    after = _after(payload.get("NextToken"))
    later = ((key, value) for key, value in tags.items() if key > after)
    page = dict(islice(later, limit + 1))
    shown = dict(islice(page.items(), limit))
    answer: dict[str, Any] = {"Tags": _shown(shown)}
    if len(page) > limit:
        last = list(shown)[-1]
        answer["NextToken"] = base64.urlsafe_b64encode(last.encode()).decode()
    return answer


def _existing(stack: Stack, arn: str) -> str:
    if stack.store.get(arn) is None:
        message = f'Could not find resource "{arn}".'
        raise validation(message)
    return arn


def _shown(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _after(token: str | None) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode() if token else ""
    except (binascii.Error, ValueError) as error:
        message = "Invalid NextToken: pass the one of the answer before, unchanged"
        raise validation(message) from error
