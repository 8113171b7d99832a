"""What alarms and people say of a shift: automation may only abort, and never go."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from slipway.sagemaker.alarms import AlarmState

#: What a person may say of a deployment.
PROMOTE, ROLLBACK = "promote", "rollback"


class Verdict(StrEnum):
    """What is to be done about a shift of traffic."""

    #: Every alarm has data and none went off, or a person vouches for it.
    GO = "go"
    #: Data are missing: it goes no further, and a person may decide.
    HOLD = "hold"
    #: Data are missing, and SageMaker is about to go on by itself: it is taken back.
    TAKE_BACK = "take_back"
    #: An alarm went off, or a person said no.
    ABORT = "abort"


@dataclass(frozen=True)
class Evidence:
    """What is known of a shift."""

    #: What each alarm says, by its metric.
    alarms: Mapping[str, AlarmState]
    #: What a person said of it; empty: nothing.
    decision: str = ""
    #: Who said so, and why.
    decision_reason: str = ""
    #: Seconds until SageMaker goes on by itself, and how many it takes to stop it.
    left: float = 0.0
    margin: float = 0.0

    def saying(self, state: AlarmState) -> list[str]:
        """Return the metrics whose alarm says `state`."""
        return [metric for metric, said in self.alarms.items() if said is state]

    def objection(self, where: str) -> str:
        """Say why a shift ends."""
        if self.decision == ROLLBACK:
            return self.decision_reason
        return f"{where}: {self.summary}"

    @property
    def summary(self) -> str:
        """A few words: `3 alarms OK`, or which are not."""
        red = self.saying(AlarmState.ALARM)
        if red:
            return f"ALARM: {', '.join(red)}"
        silent = self.saying(AlarmState.INSUFFICIENT_DATA)
        if silent:
            return f"no data yet: {', '.join(silent)}"
        count = len(self.alarms)
        return f"{count} alarm{'s' if count != 1 else ''} OK"


def judge(evidence: Evidence) -> Verdict:
    """Return what is to be done."""
    if evidence.decision == ROLLBACK or evidence.saying(AlarmState.ALARM):
        return Verdict.ABORT
    missing = evidence.saying(AlarmState.INSUFFICIENT_DATA)
    if not missing or evidence.decision == PROMOTE:
        return Verdict.GO
    return Verdict.TAKE_BACK if evidence.left <= evidence.margin else Verdict.HOLD
