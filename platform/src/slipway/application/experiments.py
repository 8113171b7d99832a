"""What was tried of models: counted, and put side by side."""

import datetime as dt

from slipway.application.reports import ComparisonView, ExperimentsView
from slipway.application.requests import ComparisonAsked, ExperimentsAsked
from slipway.application.workspace import Workspace
from slipway.controller.experiments import experiments, monday, tally
from slipway.controller.variants import variants
from slipway.errors import InvalidRequestError
from slipway.spec import model_names


def count_experiments(workspace: Workspace, asked: ExperimentsAsked) -> ExperimentsView:
    """Count runs by model and week, from commit to verdict, and what rejects them."""
    if asked.model is not None:
        workspace.folder(asked.model)
    names = [asked.model] if asked.model else model_names(workspace.settings.models)
    this_week = monday(workspace.store.now().date())
    first = this_week - dt.timedelta(weeks=asked.weeks - 1)
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    environment = workspace.settings.environment.name
    found = tally(experiments(workspace.store.database, environment, names, since))
    return ExperimentsView.model_validate({"since": first, **found.as_dict()})


def compare_runs(workspace: Workspace, asked: ComparisonAsked) -> ComparisonView:
    """Return runs side by side: hyperparameters, metrics, verdict."""
    if len(asked.runs) + len(asked.tags) < 2:
        message = "Which runs? Name two or more, by their ids or their tags"
        raise InvalidRequestError(message)
    found = variants(workspace.declared(asked.model), asked.runs, asked.tags)
    runs = [one.as_dict() for one in found]
    return ComparisonView.model_validate({"model": asked.model, "runs": runs})
