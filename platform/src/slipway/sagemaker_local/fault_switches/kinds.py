"""The table of faults: where each one strikes, and what it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson
from werkzeug.wrappers import Response

from slipway.sagemaker_local.fault_switches.calls import Call
from slipway.sagemaker_local.fault_switches.rules import Rule
from slipway.sagemaker_local.fault_switches.veil import Veil
from slipway.sagemaker_local.faults import AwsError, quota_exceeded
from slipway.sagemaker_local.http_server import DroppedAnswerError
from slipway.sagemaker_local.refusals import refused

#: Before the operation; after one that did not refuse; before a container starts; and
#: when one is pinged.
Point = Literal["before", "after", "start", "ping"]
#: How long a pause takes that does not say it, in seconds.
_PAUSE = 1.0
_JOBS: Mapping[str, tuple[str, str]] = {
    "CreateProcessingJob": ("processing job", "ProcessingResources"),
    "CreateTrainingJob": ("training job", "ResourceConfig"),
    "CreateTransformJob": ("transform job", "TransformResources"),
}


@dataclass(frozen=True)
class Occasion:
    """One time that a rule fires."""

    rule: Rule
    call: Call
    #: Of the operation, once it has been carried out.
    answer: Response | None
    #: Waits for so many seconds, or until all rules are cleared.
    pause: Callable[[float], None]
    veil: Veil


@dataclass(frozen=True)
class FaultKind:
    """One kind of fault."""

    point: Point
    #: Returns what is answered instead; None goes on.
    act: Callable[[Occasion], Response | None]
    #: What happens, for whoever reads the page.
    meaning: str


def _error(occasion: Occasion) -> Response:
    s3 = occasion.call.service == "s3"
    code = "InternalError" if s3 else "InternalFailure"
    message = (
        "We encountered an internal error. Please try again."
        if s3
        else "The request processing has failed because of an unknown error."
    )
    return _as_asked(occasion, AwsError(code, message, 500))


def _throttle(occasion: Occasion) -> Response:
    if occasion.call.service == "s3":
        text = "Please reduce your request rate."
        return _as_asked(occasion, AwsError("SlowDown", text, 503))
    return _as_asked(occasion, AwsError("ThrottlingException", "Rate exceeded"))


def _quota(occasion: Occasion) -> Response:
    if occasion.call.service == "s3":
        text = "You have attempted to create more buckets than allowed"
        return _as_asked(occasion, AwsError("TooManyBuckets", text))
    usage = _usage(occasion.call)
    return _as_asked(occasion, quota_exceeded(usage, quota=0, used=0, more=1))


def _drop(occasion: Occasion) -> Response:
    raise DroppedAnswerError(occasion.call.operation)


def _delay(occasion: Occasion) -> None:
    seconds = occasion.rule.seconds
    occasion.pause(_PAUSE if seconds is None else seconds)


def _hide(occasion: Occasion) -> None:
    """Hide what an operation has just created, by the ARN in its answer."""
    rule, answer = occasion.rule, occasion.answer
    content = orjson.loads(answer.get_data() or b"{}") if answer is not None else {}
    calls = 1 if rule.calls is None and rule.seconds is None else rule.calls
    for name, value in content.items():
        if name.endswith("Arn"):
            occasion.veil.hide(value, calls=calls, seconds=rule.seconds)


def _fail(_occasion: Occasion) -> Response:
    return Response(status=503)


#: By the name that rules use.
KINDS: Mapping[str, FaultKind] = {
    "throttle": FaultKind(
        "before", _throttle, "refused: ThrottlingException, of S3 SlowDown"
    ),
    "quota": FaultKind(
        "before", _quota, "refused: ResourceLimitExceeded, of S3 TooManyBuckets"
    ),
    "error_before": FaultKind(
        "before",
        _error,
        "an error, 500 unless `code`, `message` or `status` say more; nothing is done",
    ),
    "error_after": FaultKind(
        "after", _error, "the same error, and the operation was carried out"
    ),
    "drop_before": FaultKind(
        "before", _drop, "the connection closes without an answer; nothing is done"
    ),
    "drop_after": FaultKind(
        "after", _drop, "the same, and the operation was carried out"
    ),
    "delay_before": FaultKind(
        "before", _delay, "the operation is carried out `seconds` later"
    ),
    "delay_after": FaultKind(
        "after", _delay, "the answer leaves `seconds` after the operation"
    ),
    "eventual_consistency": FaultKind(
        "after",
        _hide,
        "what was created is not found by the next `calls` requests, or for `seconds`",
    ),
    "slow_start": FaultKind(
        "start",
        _delay,
        (
            "the container of a job starts `seconds` later; an endpoint's too, with the "
            "operation CreateEndpoint whatever starts it"
        ),
    ),
    "failing_pings": FaultKind(
        "ping", _fail, "pings of an endpoint's `variant` get no 200"
    ),
}


def _as_asked(occasion: Occasion, usual: AwsError) -> Response:
    """Answer an error, with the parts of it that the rule names."""
    rule = occasion.rule
    error = AwsError(
        rule.code or usual.code,
        str(usual) if rule.message is None else rule.message,
        rule.status or usual.status,
    )
    return refused(occasion.call.service, error)


def _usage(call: Call) -> str:
    """Name what the quota is of: an instance type, for jobs or for endpoints."""
    noun, member = _JOBS.get(call.operation, ("endpoint", ""))
    resources = call.members.get(member, {})
    cluster = resources.get("ClusterConfig", resources)
    return f"{cluster.get('InstanceType', 'ml.m5.large')} for {noun}"
