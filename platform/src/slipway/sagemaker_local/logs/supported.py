"""The operations and members of CloudWatch Logs that the local server supports."""

from collections.abc import Mapping
from typing import Any

_GROUP: Mapping[str, Any] = {"logGroupName": None, "logGroupIdentifier": None}
_PAGE: Mapping[str, Any] = {"nextToken": None, "limit": None}
_TIMES: Mapping[str, Any] = {"startTime": None, "endTime": None}
#: Nothing is masked here.
_UNMASKED = (False,)

#: By operation, as `sagemaker_local.supported.table`: None takes anything that is valid,
#: a tuple takes these values.
OPERATIONS: Mapping[str, Mapping[str, Any]] = {
    "DescribeLogGroups": {
        "logGroupNamePrefix": None,
        "logGroupNamePattern": None,
        "logGroupClass": ("STANDARD",),
        "includeLinkedAccounts": (False,),
        **_PAGE,
    },
    "DescribeLogStreams": {
        **_GROUP,
        "logStreamNamePrefix": None,
        "orderBy": None,
        "descending": None,
        **_PAGE,
    },
    "FilterLogEvents": {
        **_GROUP,
        "logStreamNames": None,
        "logStreamNamePrefix": None,
        **_TIMES,
        "filterPattern": None,
        # AWS itself takes it for true, whatever it is.
        "interleaved": None,
        "startFromHead": (True,),
        "unmask": _UNMASKED,
        **_PAGE,
    },
    "GetLogEvents": {
        **_GROUP,
        "logStreamName": None,
        **_TIMES,
        "startFromHead": None,
        "unmask": _UNMASKED,
        **_PAGE,
    },
}
