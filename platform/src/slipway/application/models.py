"""Model folders: listed, and looked at."""

from slipway.application.pages import PageAsked
from slipway.application.requests import ModelNamed
from slipway.application.views import ModelView, Page
from slipway.application.workspace import Workspace
from slipway.controller.store.pages import versions_counted
from slipway.controller.store.remains import known_models
from slipway.errors import DocumentError, UnknownModelError, suggestion
from slipway.spec import find_model, load_spec, model_names


def list_models(workspace: Workspace, asked: PageAsked) -> Page[ModelView]:
    """Return models, by name; one whose model.yaml is broken says so."""
    names = sorted(model_names(workspace.settings.models))
    begin = int(asked.cursor or 0)
    end = begin + asked.limit
    shown, cursor = names[begin:end], str(end) if end < len(names) else None
    items = [_view(workspace, name) for name in shown]
    return Page[ModelView](items=items, next_cursor=cursor)


def show_model(workspace: Workspace, asked: ModelNamed) -> ModelView:
    """Return a model, and what serves of it."""
    return _view(workspace, asked.model)


def models_of(workspace: Workspace) -> list[str]:
    """Return every model that ever ran in the environment."""
    environment = workspace.settings.environment.name
    return [*known_models(workspace.store.database, environment)]


def check_known(workspace: Workspace, model: str | None) -> None:
    """Raise unless a model ever ran, or has a folder; none named: every one is meant."""
    everything = {*models_of(workspace), *model_names(workspace.settings.models)}
    if model and model not in everything:
        message = f"There is no model {model!r}.{suggestion(model, everything)}"
        raise UnknownModelError(message)


def _view(workspace: Workspace, name: str) -> ModelView:
    folder = find_model(workspace.settings.models, name)
    owner = description = mode = error = ""
    try:
        spec = load_spec(folder)
        owner, description, mode = spec.owner, spec.description, spec.mode
    except DocumentError as fault:
        error = str(fault)
    environment = workspace.settings.environment.name
    count, champion = versions_counted(workspace.store.database, name, environment)
    return ModelView(
        model=name,
        owner=owner,
        description=description,
        mode=mode,
        champion=champion,
        versions=count,
        error=error,
    )
