"""What somebody who watches a run is told."""

from typing import Protocol


class Observer(Protocol):
    """Hears of a run's progress, as it happens."""

    def waits(self, text: str) -> None:
        """Tell what and whom the run waits for."""

    def step_began(self, step: str) -> None:
        """Tell that `step` is being looked at."""

    def step_status(self, step: str, status: str) -> None:
        """Tell what SageMaker says of the step's job now."""

    def step_note(self, step: str, text: str) -> None:
        """Tell what somebody should read though the step goes on."""

    def step_ended(self, step: str, outcome: str, seconds: float, note: str) -> None:
        """Tell how `step` ended: `succeeded`, `cached`, `failed`, `rejected`, `stopped`."""


class Silence:
    """Hears nothing: for callers who look at the rows instead."""

    def waits(self, text: str) -> None:
        """Do nothing."""

    def step_began(self, step: str) -> None:
        """Do nothing."""

    def step_status(self, step: str, status: str) -> None:
        """Do nothing."""

    def step_note(self, step: str, text: str) -> None:
        """Do nothing."""

    def step_ended(self, step: str, outcome: str, seconds: float, note: str) -> None:
        """Do nothing."""
