"""The pages of Application Auto Scaling's descriptions."""

from collections.abc import Iterable, Mapping
from typing import Any

from slipway.sagemaker_local.autoscaling.faults import invalid_token
from slipway.sagemaker_local.faults import AwsError, validation
from slipway.sagemaker_local.operations.listing import decoded, encoded
from slipway.sagemaker_local.store import Record


def page(
    records: Iterable[Record],
    payload: Mapping[str, Any],
    *,
    most: int,
    newest_first: bool = False,
) -> tuple[list[Record], dict[str, str]]:
    """Return the records of one page, and the NextToken where there are more."""
    limit = payload.get("MaxResults", most)
    if not 1 <= limit <= most:
        message = f"MaxResults must be between 1 and {most}"
        raise validation(message)
    sign = -1 if newest_first else 1

    def place(record: Record) -> tuple[float, str]:
        return sign * record.created_at, record.arn

    last = _last(payload.get("NextToken"))
    left = [each for each in records if last is None or place(each) > last]
    left.sort(key=place)
    if len(left) <= limit:
        return left, {}
    shown = left[:limit]
    return shown, {"NextToken": encoded(list(place(shown[-1])))}


def _last(token: str | None) -> tuple[float, str] | None:
    """Return the place of the last record that was shown."""
    if token is None:
        return None
    try:
        at, arn = decoded(token)
    except (AwsError, ValueError) as error:
        raise invalid_token() from error
    if not isinstance(at, float) or not isinstance(arn, str):
        raise invalid_token()
    return at, arn
