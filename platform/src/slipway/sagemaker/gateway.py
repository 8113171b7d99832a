"""The only calls to SageMaker."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.response import StreamingBody

from slipway.errors import PayloadError
from slipway.s3.client import aws_client
from slipway.sagemaker.alarms import Alarms
from slipway.sagemaker.errors import Fault, SageMakerError, translate
from slipway.sagemaker.limiter import Limiter, Unlimited, kind_of
from slipway.sagemaker.resources import RESOURCES, Resource
from slipway.sagemaker.scaling import Scaling
from slipway.sagemaker.shapes import violations
from slipway.sagemaker.status import Meaning
from slipway.settings import Settings

#: boto3's own retry turns a create whose answer was lost into "already exists": the
#: controller retries mutating calls itself, after it has looked.
_ONCE = Config(
    retries={"mode": "standard", "total_max_attempts": 1},
    connect_timeout=5,
    read_timeout=70,
)
_PATIENT = Config(
    retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=5
)
_LOGS = "CloudWatch Logs"
_NO_LIMIT = Unlimited()
#: Names that one call lists: as many as SageMaker tells at once.
_PAGE = 100


@dataclass(frozen=True)
class Observation:
    """What SageMaker says of one resource."""

    #: SageMaker's word; empty for resources that only exist.
    status: str
    meaning: Meaning
    #: Why it failed, or how it ended, in SageMaker's words.
    reason: str
    arn: str
    #: The whole description.
    description: Mapping[str, Any]


@dataclass(frozen=True)
class Accepted:
    """SageMaker's word that it carries a call out."""

    request_id: str
    #: Of what was created or changed; empty: the answer did not name it.
    arn: str = ""


@dataclass(frozen=True)
class Answer:
    """An endpoint's answer to one request."""

    body: bytes
    content_type: str
    #: The production variant that answered.
    variant: str
    #: What the container said beside the body.
    custom_attributes: str


class Gateway:
    """SageMaker in one environment. Each call waits for the account's limiter, once."""

    def __init__(self, settings: Settings, limiter: Limiter = _NO_LIMIT) -> None:
        self._settings = settings
        self._limiter = limiter
        self._clients: dict[tuple[str, bool], Any] = {}

    @cached_property
    def alarms(self) -> Alarms:
        """CloudWatch's alarms in the same environment."""
        return Alarms(self._settings)

    @cached_property
    def scaling(self) -> Scaling:
        """What scales variants in the same environment."""
        return Scaling(self._settings)

    def check(self, operation: str, payload: Mapping[str, Any]) -> None:
        """Raise PayloadError when SageMaker's own model refuses `payload`."""
        found = violations("sagemaker", operation, payload)
        if found:
            faults = "; ".join(violation.message for violation in found)
            message = f"{operation}: SageMaker would refuse this payload: {faults}"
            raise PayloadError(message)

    def mutate(
        self, operation: str, payload: Mapping[str, Any], resource: Resource
    ) -> Accepted:
        """Make one create, update or stop call, once."""
        self.check(operation, payload)
        answer = self._call(operation, payload, resource, once=True)
        request_id = answer["ResponseMetadata"].get("RequestId", "")
        return Accepted(request_id, answer.get(resource.arn_member, ""))

    def describe(self, kind: str, name: str) -> Observation | None:
        """Return what SageMaker says of the `kind` called `name`; None: there is none."""
        resource = RESOURCES[kind]
        try:
            description = self._call(
                resource.describe, {resource.name_member: name}, resource
            )
        except SageMakerError as error:
            if error.fault is Fault.MISSING:
                return None
            raise
        member = resource.status_member
        status = description[member] if member else ""
        meanings = resource.meanings or {"": Meaning.SUCCEEDED}
        reason = description.get("FailureReason") or description.get("ExitMessage", "")
        return Observation(
            status=status,
            meaning=meanings[status],
            reason=reason,
            arn=description[resource.arn_member],
            description=description,
        )

    def stop(self, kind: str, name: str) -> str:
        """Ask for the `kind` called `name` to stop; return the request's id.

        One that has finished stays as it is.
        """
        resource = RESOURCES[kind]
        if resource.stop is None:
            return ""
        request = {resource.name_member: name}
        try:
            return self.mutate(resource.stop, request, resource).request_id
        except SageMakerError as error:
            if error.fault not in {Fault.BUSY, Fault.MISSING}:
                raise
            return error.request_id

    def names(self, kind: str, prefix: str) -> Iterator[tuple[str, str]]:
        """Yield name and ARN of each `kind` whose name begins with `prefix`, by the page."""
        resource = RESOURCES[kind]
        after: dict[str, str] = {}
        while True:
            asked = {"NameContains": prefix, "MaxResults": _PAGE, **after}
            page = self._call(resource.lists, asked, resource)
            for members in page.values():
                for found in members if isinstance(members, list) else ():
                    if found[resource.name_member].startswith(prefix):
                        yield found[resource.name_member], found[resource.arn_member]
            if not page.get("NextToken"):
                return
            after = {"NextToken": page["NextToken"]}

    def tags(self, arn: str) -> dict[str, str]:
        """Return the tags of the resource `arn`."""
        answer = self._call("ListTags", {"ResourceArn": arn}, None)
        return {tag["Key"]: tag["Value"] for tag in answer.get("Tags", [])}

    def invoke(
        self,
        endpoint: str,
        body: bytes,
        *,
        content_type: str,
        accept: str,
        inference_id: str | None = None,
    ) -> Answer:
        """Send `body` to `endpoint`; raise SageMakerError with the container's words."""
        request = {
            "EndpointName": endpoint,
            "Body": body,
            "ContentType": content_type,
            "Accept": accept,
        }
        if inference_id is not None:
            request["InferenceId"] = inference_id
        answer = self._call("InvokeEndpoint", request, None, once=True)
        return Answer(
            body=_whole(answer["Body"]),
            content_type=answer.get("ContentType", ""),
            variant=answer.get("InvokedProductionVariant", ""),
            custom_attributes=answer.get("CustomAttributes", ""),
        )

    def log_events(
        self, group: str, prefix: str = "", since: int = 0
    ) -> Iterator[tuple[int, str]]:
        """Yield time, in ms since 1970, and text of what was written from `since` on.

        CloudWatch is asked for the next ones when they are.
        """
        logs = self._client("logs", once=False)
        streams = {"logStreamNamePrefix": prefix} if prefix else {}
        try:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=group, startTime=since, **streams
            )
            for page in pages:
                yield from ((e["timestamp"], e["message"]) for e in page["events"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise translate(error, "FilterLogEvents", None, _LOGS) from error
        except BotoCoreError as error:
            raise translate(error, "FilterLogEvents", None, _LOGS) from error

    def log_lines(self, group: str, prefix: str = "") -> list[str]:
        """Return the output kept in `group`, of streams that begin with `prefix`."""
        return [text for _time, text in self.log_events(group, prefix)]

    def _call(
        self,
        operation: str,
        payload: Mapping[str, Any],
        resource: Resource | None,
        *,
        once: bool = False,
    ) -> dict[str, Any]:
        service = "sagemaker-runtime" if operation == "InvokeEndpoint" else "sagemaker"
        if service == "sagemaker":
            self._limiter.wait(kind_of(operation))
        try:
            call = getattr(self._client(service, once=once), xform_name(operation))
            answer: dict[str, Any] = call(**payload)
        except (ClientError, BotoCoreError) as error:
            raise translate(error, operation, resource) from error
        return answer

    def _client(self, service: str, *, once: bool) -> Any:  # boto3 makes it at run time
        key = (service, once)
        if key not in self._clients:
            config = _ONCE if once else _PATIENT
            self._clients[key] = aws_client(service, self._settings, config)
        return self._clients[key]


def _whole(body: StreamingBody) -> bytes:
    """Return an answer's body, which is still on its way; it may be cut, or stop."""
    try:
        read: bytes = body.read()
    except BotoCoreError as error:
        raise translate(error, "InvokeEndpoint", None) from error
    return read
