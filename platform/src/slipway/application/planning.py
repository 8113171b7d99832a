"""What a deployment would change, asked before it is made."""

from slipway.application.opening import asked_for
from slipway.application.reports import ChangeView, PlanView
from slipway.application.requests import PlanAsked, RunAsked
from slipway.application.workspace import Workspace
from slipway.controller.plan import Change, plan_of
from slipway.controller.preview import shown


def plan_deployment(workspace: Workspace, asked: PlanAsked) -> PlanView:
    """Return what a deployment would change; nothing is built, written or called."""
    run = RunAsked.model_validate(asked.model_dump())
    context, request = asked_for(workspace, run)
    found = plan_of(context, request)
    return PlanView(
        model=asked.model,
        steps=found.forecast.steps,
        version=found.version,
        is_new=found.is_new,
        serving=found.serving or None,
        changes=[_view(change) for change in found.changes],
        changed_by_hand=[_view(change) for change in found.by_hand],
    )


def _view(change: Change) -> ChangeView:
    said = {name: shown(value) for name, value in change.as_dict().items()}
    return ChangeView.model_validate(said)
