"""How a new version takes over an endpoint's traffic, and what calls it back."""

import math
from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from slipway.errors import InvalidRequestError
from slipway.spec.strict import Strict

Strategy = Literal["all_at_once", "canary", "linear"]
AlarmMetric = Literal[
    "error_rate",
    "rejection_rate",
    "failure_rate",
    "latency_p50_ms",
    "latency_p95_ms",
    "latency_p99_ms",
]

#: SageMaker's limits: of each wait, of a whole deployment, of its alarms. One alarm is
#: kept for whoever stops the deployment.
LONGEST_WAIT, LONGEST_DEPLOYMENT, MOST_ALARMS = 3600, 28800, 9
#: Seconds that each share of the traffic is watched where nothing else is said.
_USUAL_BAKE = 300


class Alarm(Strict):
    """What the new version's instances may not exceed while they are watched."""

    metric: AlarmMetric = Field(
        description="error_rate (answers of 5xx), rejection_rate (4xx), failure_rate"
        " (no answer of the model), or a percentile of the model's latency",
        examples=["error_rate"],
    )
    above: float = Field(
        ge=0,
        allow_inf_nan=False,
        description="The alarm goes off above it: a share from 0 to 1, or milliseconds",
        examples=[0.01],
    )
    period_seconds: int = Field(
        60, description="Seconds of one datapoint: 10, 30, or whole minutes"
    )
    periods: int = Field(
        1, ge=1, le=60, description="Datapoints in a row that must exceed it"
    )

    @field_validator("period_seconds")
    @classmethod
    def _is_a_period(cls, value: int) -> int:
        if value not in {10, 30} and (value % 60 or not 60 <= value <= LONGEST_WAIT):
            message = "CloudWatch counts in 10 or 30 seconds, or in whole minutes"
            raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _can_go_off(self) -> Self:
        if self.metric.endswith("_rate") and self.above >= 1:
            message = f"a rate is a share from 0 to 1, and never above {self.above:g}"
            raise ValueError(message)
        return self

    @property
    def seconds(self) -> int:
        """Seconds of data that it needs before it says anything."""
        return self.period_seconds * self.periods


class DeploymentPolicy(Strict):
    """How the traffic shifts to a new version, and who watches."""

    strategy: Strategy = Field(
        "all_at_once",
        description="all_at_once; canary: a small share first, then the rest;"
        " linear: the same share again and again",
        examples=["canary"],
    )
    canary_percent: int = Field(
        10, ge=1, le=50, description="Share that a canary begins with", examples=[10]
    )
    step_percent: int = Field(
        25, ge=10, le=50, description="Share that linear adds each time", examples=[25]
    )
    bake_seconds: int | None = Field(
        None,
        ge=0,
        le=LONGEST_WAIT,
        description="How long each share is watched before the next, and the whole at"
        f" the end; null: {_USUAL_BAKE}, and 0 for all_at_once",
        examples=[_USUAL_BAKE],
    )
    alarms: tuple[Alarm, ...] = Field(
        (Alarm(metric="error_rate", above=0.01),),
        max_length=MOST_ALARMS,
        description="What ends a deployment and brings the version before it back",
        examples=["[{metric: error_rate, above: 0.01}]"],
    )

    @model_validator(mode="after")
    def _can_be_watched(self) -> Self:
        if self.strategy != "all_at_once" and not (self.bake and self.alarms):
            message = (
                f"a {self.strategy} deployment needs alarms, and bake_seconds to watch"
                " them: nothing else would notice a bad version"
            )
            raise ValueError(message)
        slowest = max((alarm.seconds for alarm in self.alarms), default=0)
        if self.bake and self.bake < slowest:
            message = (
                f"an alarm needs {slowest} seconds of data, and bake_seconds is"
                f" {self.bake}: watch longer, or take a shorter period_seconds"
            )
            raise ValueError(message)
        if self.waiting >= LONGEST_DEPLOYMENT:
            message = (
                f"its waits take {self.waiting} seconds, and SageMaker ends a"
                f" deployment after {LONGEST_DEPLOYMENT}: watch each share less long"
            )
            raise ValueError(message)
        metrics = [alarm.metric for alarm in self.alarms]
        if len(metrics) > len(set(metrics)):
            message = "one alarm is enough for each metric"
            raise ValueError(message)
        return self

    @property
    def bake(self) -> int:
        """Seconds that each share of the traffic is watched."""
        if self.bake_seconds is not None:
            return self.bake_seconds
        return 0 if self.strategy == "all_at_once" else _USUAL_BAKE

    @property
    def shares(self) -> tuple[int, ...]:
        """The shares of the traffic in percent, one after the other."""
        if self.strategy == "canary":
            return (self.canary_percent, 100)
        if self.strategy == "linear":
            times = math.ceil(100 / self.step_percent)
            return (*(n * self.step_percent for n in range(1, times)), 100)
        return (100,)

    @property
    def waiting(self) -> int:
        """Seconds that are waited in all."""
        return self.bake * len(self.shares)

    @property
    def watched(self) -> bool:
        """Whether alarms decide about it."""
        return self.bake > 0 and bool(self.alarms)


def changed_policy(
    policy: DeploymentPolicy, changes: Mapping[str, object]
) -> DeploymentPolicy:
    """Return a policy with some fields changed for one deployment, or raise."""
    try:
        return DeploymentPolicy.model_validate(policy.model_dump() | dict(changes))
    except ValidationError as error:
        [first, *_] = error.errors(include_url=False)
        where = "".join(
            f"{part} = {changes.get(str(part))!r}: " for part in first["loc"]
        )
        message = f"This deployment cannot be: {where}" + first["msg"].removeprefix(
            "Value error, "
        )
        raise InvalidRequestError(message) from error
