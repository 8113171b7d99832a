"""TagResource, UntagResource, ListTagsForResource, of alarms."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from slipway.sagemaker_local.cloudwatch.alarm import Alarm, alarm_arn
from slipway.sagemaker_local.cloudwatch.operations.requests import Members
from slipway.sagemaker_local.cloudwatch.service import CloudWatch
from slipway.sagemaker_local.cloudwatch.wire.faults import invalid
from slipway.sagemaker_local.faults import AwsError

MOST_TAGS = 50


def tag_resource(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """TagResource."""
    operation = "TagResource"
    added = tags_of(operation, members["Tags"])

    def change(alarm: Alarm) -> Alarm:
        tags = {**alarm.tags, **added}
        if len(tags) > MOST_TAGS:
            raise _too_many(operation)
        return replace(alarm, tags=tags)

    arn = members["ResourceARN"]
    if cloudwatch.alarms.change(region, _name(region, arn), change) is None:
        raise _not_found(arn)
    return {}


def untag_resource(cloudwatch: CloudWatch, region: str, members: Members) -> Members:
    """UntagResource."""

    def change(alarm: Alarm) -> Alarm:
        kept = {key: alarm.tags[key] for key in alarm.tags.keys() - members["TagKeys"]}
        return replace(alarm, tags=kept)

    arn = members["ResourceARN"]
    if cloudwatch.alarms.change(region, _name(region, arn), change) is None:
        raise _not_found(arn)
    return {}


def list_tags_for_resource(
    cloudwatch: CloudWatch, region: str, members: Members
) -> Members:
    """ListTagsForResource."""
    arn = members["ResourceARN"]
    alarm = cloudwatch.alarms.get(region, _name(region, arn))
    if alarm is None:
        raise _not_found(arn)
    tags = [{"Key": key, "Value": alarm.tags[key]} for key in sorted(alarm.tags)]
    return {"Tags": tags}


def tags_of(operation: str, given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return a request's tags by key; a key given twice, or too many, are refused."""
    tags = {each["Key"]: each["Value"] for each in given}
    if len(tags) < len(given):
        message = "Duplicate tag keys found. Please ensure the tag keys are unique."
        raise invalid(operation, message)
    if len(tags) > MOST_TAGS:
        raise _too_many(operation)
    reserved = next((key for key in tags if key.lower().startswith("aws:")), None)
    if reserved is not None:
        message = (
            f"Tag key '{reserved}' is not valid: keys that start with aws: are reserved"
        )
        raise invalid(operation, message)
    return tags


def _name(region: str, arn: str) -> str:
    prefix = alarm_arn(region, "")
    if not arn.startswith(prefix):
        raise _not_found(arn)
    return arn.removeprefix(prefix)


def _not_found(arn: str) -> AwsError:
    message = f"There is no alarm {arn}"
    return AwsError("ResourceNotFoundException", message, 404)


def _too_many(operation: str) -> AwsError:
    return invalid(operation, f"An alarm has at most {MOST_TAGS} tags")
