"""A request handed to an instance of a variant, once, however they come and go."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from slipway.sagemaker_local.endpoints.answers import Answer
from slipway.sagemaker_local.endpoints.connections import (
    BrokenError,
    Limits,
    NotConnectedError,
    TimedOutError,
)
from slipway.sagemaker_local.endpoints.fleet import Fleet
from slipway.sagemaker_local.endpoints.instance import (
    CONNECT_TIMEOUT,
    INVOCATION_TIMEOUT,
    Instance,
)

_REFUSED_PAUSE = 0.05
_TIMED_OUT = (
    "Your invocation timed out while waiting for a response from container primary."
)


@dataclass(frozen=True)
class Waits:
    """How long a request waits; SageMaker's limits, unless a test has others."""

    #: In seconds, for an instance that is being replaced.
    patience: float = 20.0
    #: For the container's answer.
    limits: Limits = field(
        default=Limits(connect=CONNECT_TIMEOUT, read=INVOCATION_TIMEOUT)
    )


@dataclass(frozen=True)
class Asked:
    """What came of asking a variant."""

    #: The container's answer; None where it gave none.
    answer: Answer | None = None
    #: Seconds that the container took.
    latency: float = 0.0
    #: Why a container gave no answer; None where none was ready.
    fault: str | None = None


def ask(
    fleet: Fleet,
    variant: str,
    body: bytes,
    headers: Mapping[str, str],
    waits: Waits,
) -> Asked:
    """Post to an instance that is ready in time.

    A request that reached no container goes to the next one, and to a successor.
    """
    deadline = time.monotonic() + waits.patience
    while (left := deadline - time.monotonic()) > 0:
        with fleet.chosen(variant, left) as instance:
            if instance is None:
                return Asked()
            begin = time.perf_counter()
            try:
                answer = _posted(instance, body, headers, waits.limits)
            except NotConnectedError:
                if not instance.notice_end():
                    time.sleep(_REFUSED_PAUSE)
            except TimedOutError:
                return Asked(latency=time.perf_counter() - begin, fault=_TIMED_OUT)
            except BrokenError as error:
                fault = f"The container closed the connection: {error}"
                return Asked(latency=time.perf_counter() - begin, fault=fault)
            else:
                return Asked(answer, time.perf_counter() - begin)
    return Asked()


def _posted(
    instance: Instance, body: bytes, headers: Mapping[str, str], limits: Limits
) -> Answer:
    """Post to the container; once more where a kept connection was closed meanwhile."""

    def post() -> Answer:
        return instance.connections.post("/invocations", body, headers, limits)

    try:
        return post()
    except BrokenError as broken:
        # A request that ends its container must not end the next one.
        if instance.notice_end():
            raise
        try:
            return post()
        except NotConnectedError:
            # It has ended, though it does not show yet.
            raise broken from None
