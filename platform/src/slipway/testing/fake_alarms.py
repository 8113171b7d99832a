"""CloudWatch's alarms in memory."""

from collections.abc import Mapping, Sequence
from typing import Any

from slipway.sagemaker.alarms import AlarmState


class FakeAlarms:
    """Alarms that say what a test lets them say."""

    def __init__(self) -> None:
        #: By name: the payload that an alarm was put with.
        self.kept: dict[str, Mapping[str, Any]] = {}
        #: By metric: what every alarm on it says; others have no data.
        self.says: dict[str, AlarmState] = {}
        #: The stop alarms that were set off.
        self.stopped: set[str] = set()

    def put(self, payload: Mapping[str, Any], owner: Mapping[str, str]) -> None:
        """Keep an alarm."""
        del owner
        self.kept[payload["AlarmName"]] = payload
        self.stopped.discard(payload["AlarmName"])

    def delete(self, names: Sequence[str], owner: Mapping[str, str]) -> None:
        """Forget alarms."""
        del owner
        for name in names:
            self.kept.pop(name, None)

    def states(self, names: Sequence[str]) -> dict[str, AlarmState]:
        """Return what alarms say."""
        silent = AlarmState.INSUFFICIENT_DATA
        return {n: self.says.get(n.rpartition("-")[2], silent) for n in names}

    def set_state(self, name: str, state: AlarmState, reason: str) -> None:
        """Set off a stop alarm, or forget that it was."""
        del reason
        (self.stopped.add if state is AlarmState.ALARM else self.stopped.discard)(name)

    def firing(self, names: Sequence[str]) -> list[str]:
        """Return those that SageMaker sees go off."""
        states = self.states(names)
        return [n for n in names if n in self.stopped or states[n] is AlarmState.ALARM]
