"""What a deployment asks of CloudWatch's alarms."""

from collections.abc import Sequence
from typing import Protocol


class Alarms(Protocol):
    """Alarms by name, within one region."""

    def missing(self, region: str, names: Sequence[str]) -> list[str]:
        """Return the names that no alarm has, in their order."""

    def firing(self, region: str, names: Sequence[str]) -> list[str]:
        """Return the names of alarms in state ALARM, in their order."""


class NoAlarms:
    """Where there is no CloudWatch: no alarm exists, and none fires."""

    def missing(self, _region: str, names: Sequence[str]) -> list[str]:
        """Return all names."""
        return list(names)

    def firing(self, _region: str, _names: Sequence[str]) -> list[str]:
        """Return no name."""
        return []
