"""What a deployment asks of CloudWatch's alarms."""

from collections.abc import Sequence
from typing import Protocol


class Alarms(Protocol):
    """Alarms by name, within one region."""

    def missing(self, region: str, names: Sequence[str]) -> list[str]:
        """Return the names that no alarm has, in their order."""

    def firing(self, region: str, names: Sequence[str]) -> list[str]:
        """Return the names of alarms in state ALARM, in their order."""
