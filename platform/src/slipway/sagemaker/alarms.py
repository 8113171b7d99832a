"""The only calls to CloudWatch's alarms."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from slipway.errors import ConflictError, PayloadError
from slipway.s3.client import aws_client
from slipway.sagemaker.errors import translate
from slipway.sagemaker.shapes import violations
from slipway.settings import Settings

#: Doing any of these twice is as doing it once: boto3 may try again, and a rollback that
#: an alarm asks for does not wait for the next look (ADR 0039).
_PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5
)


class AlarmState(StrEnum):
    """What an alarm says."""

    OK = "OK"
    ALARM = "ALARM"
    #: Nothing was measured, or too little: it says neither yes nor no.
    INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Alarms:
    """CloudWatch's alarms in one environment."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def put(self, payload: Mapping[str, Any], owner: Mapping[str, str]) -> None:
        """Put an alarm that knows nothing yet; leave one alone that is not the owner's.

        What it said of an earlier deployment of the same config is forgotten.
        """
        found = violations("cloudwatch", "PutMetricAlarm", payload)
        if found:
            faults = "; ".join(str(violation) for violation in found)
            message = f"PutMetricAlarm: CloudWatch would refuse this payload: {faults}"
            raise PayloadError(message)
        name = payload["AlarmName"]
        self._check_owner(name, owner)
        self._call("PutMetricAlarm", payload)
        self.set_state(name, AlarmState.INSUFFICIENT_DATA, "a deployment begins")

    def states(self, names: Sequence[str]) -> dict[str, AlarmState]:
        """Return what each alarm says; one that is gone has no data."""
        states = dict.fromkeys(names, AlarmState.INSUFFICIENT_DATA)
        for found in self._found(names):
            states[found["AlarmName"]] = AlarmState(found["StateValue"])
        return states

    def set_state(self, name: str, state: AlarmState, reason: str) -> None:
        """Set an alarm's state until it is evaluated again."""
        given = {"AlarmName": name, "StateValue": state, "StateReason": reason[:1023]}
        self._call("SetAlarmState", given)

    def delete(self, names: Sequence[str], owner: Mapping[str, str]) -> None:
        """Delete those alarms that are there, and the owner's."""
        ours = [
            found["AlarmName"]
            for found in self._found(names)
            if self._is_owned(found, owner)
        ]
        if ours:
            self._call("DeleteAlarms", {"AlarmNames": ours})

    def _is_owned(self, alarm: Mapping[str, Any], owner: Mapping[str, str]) -> bool:
        answer = self._call("ListTagsForResource", {"ResourceARN": alarm["AlarmArn"]})
        tags = {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
        return all(tags.get(key) == value for key, value in owner.items())

    def _check_owner(self, name: str, owner: Mapping[str, str]) -> None:
        for found in self._found([name]):
            if not self._is_owned(found, owner):
                message = (
                    f"The alarm {name!r} exists and is not ours: nothing was changed."
                    " Delete or rename it, then deploy again"
                )
                raise ConflictError(message)

    def _found(self, names: Sequence[str]) -> list[dict[str, Any]]:
        if not names:  # CloudWatch would return every alarm
            return []
        answer = self._call("DescribeAlarms", {"AlarmNames": list(names)})
        alarms: list[dict[str, Any]] = answer["MetricAlarms"]
        return alarms

    def _call(self, operation: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        try:
            call = getattr(self._client, xform_name(operation))
            answer: dict[str, Any] = call(**payload)
        except (ClientError, BotoCoreError) as error:
            raise translate(error, operation, None, "CloudWatch") from error
        return answer

    @cached_property
    def _client(self) -> Any:  # boto3 makes it at run time
        return aws_client("cloudwatch", self._settings, _PATIENT)
