"""The members of requests about tags."""

from collections.abc import Mapping
from typing import Any

TAGS: Mapping[str, Mapping[str, Any]] = {
    "AddTags": {"ResourceArn": None, "Tags": None},
    "DeleteTags": {"ResourceArn": None, "TagKeys": None},
    "ListTags": {"ResourceArn": None, "NextToken": None, "MaxResults": None},
}
