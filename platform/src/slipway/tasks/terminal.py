"""A run on a terminal: what goes on now, then a table of what was done."""

from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, JustifyMethod
from rich.status import Status
from rich.table import Table
from rich.text import Text

from slipway.controller.taking import StepReport

_MARKS = {
    "succeeded": "[green]done[/]    ",
    "cached": "[cyan]cached[/]  ",
    "failed": "[red]failed[/]  ",
    "rejected": "[red]rejected[/]",
    "stopped": "[yellow]stopped[/] ",
    "blocked": "[yellow]blocked[/] ",
}


class Terminal:
    """Shows a run's progress: a moving line on a terminal, plain lines elsewhere."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()

    def say(self, text: str) -> None:
        """Show what is going on outside any step."""
        self._show(text)

    def waits(self, text: str) -> None:
        """Leave a line on whom the command waits for."""
        self._clear()
        self._console.print(f"  {text}", markup=False, soft_wrap=True)

    def step_began(self, step: str) -> None:
        """Show that `step` is being looked at."""
        self._show(f"{step} …")

    def step_status(self, step: str, status: str) -> None:
        """Show what SageMaker says of the step's job."""
        if status:
            self._show(f"{step} … {status}")

    def step_note(self, step: str, text: str) -> None:
        """Leave a line about `step`, which goes on."""
        self._clear()
        self._console.print(f"           {step:<11}{text}", markup=False)

    def step_ended(self, step: str, outcome: str, seconds: float, note: str) -> None:
        """Leave a line that says how `step` ended."""
        self._clear()
        first = note.splitlines()[0] if note else ""
        if outcome in {"failed", "rejected", "stopped", "blocked"}:
            first = ""  # the error says it
        self._console.print(f"  {_MARKS[outcome]} {step:<11}{seconds:7.2f} s  {first}")

    def _show(self, text: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def _clear(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def step_table(steps: Sequence[StepReport]) -> Table:
    """Return a table of the steps with their times."""
    rows = [(step.name, step.outcome, f"{step.seconds:.2f}") for step in steps]
    total = sum(step.seconds for step in steps)
    return table(("step", "outcome", "seconds"), [*rows, ("", "", f"{total:.2f}")])


def table(columns: Sequence[str], rows: Iterable[Sequence[str | Text]]) -> Table:
    """Return a plain table; what is too long for its column goes on below."""
    made = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        justify: JustifyMethod = "right" if column == "seconds" else "left"
        made.add_column(column, justify=justify, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made
