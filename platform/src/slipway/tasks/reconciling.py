"""An environment reconciled from the command line, once or for as long as it is watched."""

from rich.text import Text

from slipway.application import local_stack
from slipway.application.upkeep import reconcile_view
from slipway.application.views import ReconcileView
from slipway.application.workspace import Workspace
from slipway.controller.reconcile import Report, reconcile
from slipway.errors import InvalidRequestError
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.controllers import remote_of
from slipway.tasks.terminal import Terminal

#: Seconds between two passes at least: a laptop's jobs change faster than people read.
_PAUSE = 1.0
#: Seconds for which a look at an endpoint counts while it is watched.
_FRESH = 60.0


def reconcile_environment(
    env: str, *, once: bool, watch: bool, sweep: bool, controller: str = ""
) -> Answer:
    """Take one pass, or pass after pass until somebody ends it."""
    if once and watch:
        message = "--once and --watch exclude each other: give one of them"
        raise InvalidRequestError(message)
    if (remote := remote_of(env, controller)) is not None:
        if watch:
            message = "A controller takes one pass for each request: leave --watch out"
            raise InvalidRequestError(message)
        return _answer(remote.ask("environment.reconcile", sweep=sweep))
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
    return _answer(reconcile_view(report))


def _tell(report: Report) -> None:
    """Print what a pass found that was not known before."""
    for model, name, state in report.ended:
        PROGRESS.print(Text(f"{model}: {name} {state}"))
    for finding in report.findings:
        if finding.new:
            PROGRESS.print(Text(f"{finding.kind}: {finding.message}"))


def _answer(view: ReconcileView) -> Answer:
    shown = [Text("{model}: {name} {state}".format_map(ended)) for ended in view.ended]
    shown += [Text(f"{model}: a command moves it") for model in view.skipped]
    shown += [Text("{kind}: {message}".format_map(found)) for found in view.findings]
    noun = "operation was" if view.moved == 1 else "operations were"
    shown.append(Text(f"{view.moved} {noun} looked at"))
    data = view.model_dump(mode="json")
    return Answer(data, tuple(shown), exit_code=1 if view.findings else 0)
