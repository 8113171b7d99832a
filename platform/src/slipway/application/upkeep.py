"""What looks after an environment: reconciled, retired, and how a model is."""

from slipway.application.patience import briefly
from slipway.application.requests import (
    ModelNamed,
    ReconcileAsked,
    RunJudged,
    VersionJudged,
)
from slipway.application.runs import run_view
from slipway.application.steps import known_run
from slipway.application.versions import known_version
from slipway.application.views import (
    ReconcileView,
    RunView,
    StatusView,
    VersionView,
)
from slipway.application.workspace import Workspace
from slipway.controller.garbage.tombstones import retire_run, retire_version
from slipway.controller.overview import overview
from slipway.controller.reconcile import Report, reconcile
from slipway.images.tool import silent


def show_status(workspace: Workspace, asked: ModelNamed) -> StatusView:
    """Return what serves of a model, its versions and its last runs."""
    seen = overview(workspace.declared(asked.model)).as_dict()
    return StatusView.model_validate({"model": asked.model, **seen})


def reconcile_once(workspace: Workspace, asked: ReconcileAsked) -> ReconcileView:
    """Look once at everything under way, and at what was changed by hand."""
    return reconcile_view(reconcile(workspace.estate, silent, sweep=asked.sweep))


def reconcile_view(report: Report) -> ReconcileView:
    """Return a pass as it is answered."""
    ended = [{"model": m, "name": n, "state": s} for m, n, s in report.ended]
    return ReconcileView(
        moved=report.moved,
        ended=ended,
        skipped=list(report.skipped),
        findings=[dict(finding.as_dict()) for finding in report.findings],
        next_in_seconds=round(report.wait, 1),
    )


def retire_asked_run(workspace: Workspace, asked: RunJudged) -> RunView:
    """Retire a run by a tombstone; its files go with the next collection."""
    run = known_run(workspace, asked.run_id)
    retired = retire_run(workspace.estate, run.run_id, asked.reason, briefly())
    return run_view(workspace, retired)


def retire_asked_version(workspace: Workspace, asked: VersionJudged) -> VersionView:
    """Retire a version by a tombstone: it may not serve again."""
    version = known_version(workspace, asked)
    retired = retire_version(
        workspace.estate, version.model, version.version, asked.reason, briefly()
    )
    return VersionView.model_validate(retired)
