"""An environment reconciled from the command line, once or for as long as it is watched."""

from typing import Any

from rich.text import Text

from slipway.application import local_stack
from slipway.application.workspace import Workspace
from slipway.controller.reconcile import Report, reconcile
from slipway.errors import InvalidRequestError
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.terminal import Terminal

#: Seconds between two passes at least: a laptop's jobs change faster than people read.
_PAUSE = 1.0
#: Seconds for which a look at an endpoint counts while it is watched.
_FRESH = 60.0


def reconcile_environment(env: str, *, once: bool, watch: bool, sweep: bool) -> Answer:
    """Take one pass, or pass after pass until somebody ends it."""
    if once and watch:
        message = "--once and --watch exclude each other: give one of them"
        raise InvalidRequestError(message)
    workspace = Workspace.open(env)
    local_stack.check_up(workspace.settings)
    estate = workspace.estate
    with Terminal(PROGRESS) as terminal:
        report = reconcile(estate, terminal.say, sweep=sweep)
        try:
            while watch:
                _tell(report)
                estate.pace.sleep(max(_PAUSE, report.wait))
                report = reconcile(estate, terminal.say, sweep=sweep, fresh=_FRESH)
        except KeyboardInterrupt:
            terminal.say("ended")
    return _answer(report)


def _tell(report: Report) -> None:
    """Print what a pass found that was not known before."""
    for model, name, state in report.ended:
        PROGRESS.print(Text(f"{model}: {name} {state}"))
    for finding in report.findings:
        if finding.new:
            PROGRESS.print(Text(f"{finding.kind}: {finding.message}"))


def _answer(report: Report) -> Answer:
    data: dict[str, Any] = {
        "moved": report.moved,
        "ended": [
            {"model": model, "name": name, "state": state}
            for model, name, state in report.ended
        ],
        "skipped": list(report.skipped),
        "findings": [finding.as_dict() for finding in report.findings],
        "next_in_seconds": round(report.wait, 1),
    }
    shown = [Text(f"{model}: {name} {state}") for model, name, state in report.ended]
    shown += [Text(f"{model}: a command moves it") for model in report.skipped]
    shown += [Text(f"{found.kind}: {found.message}") for found in report.findings]
    noun = "operation was" if report.moved == 1 else "operations were"
    shown.append(Text(f"{report.moved} {noun} looked at"))
    return Answer(data, tuple(shown), exit_code=1 if report.findings else 0)
