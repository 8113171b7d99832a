"""Endpoints and operations: listed, and looked at."""

from slipway.application.fields import UNFINISHED
from slipway.application.listing import listed
from slipway.application.models import check_known
from slipway.application.pages import EndpointPageAsked, OperationPageAsked
from slipway.application.requests import EndpointNamed
from slipway.application.steps import known_run
from slipway.application.views import (
    EndpointView,
    OperationLineView,
    OperationView,
    Page,
)
from slipway.application.workspace import Workspace
from slipway.controller.orm import Endpoint, Operation
from slipway.controller.states import CHARTS
from slipway.controller.store.listing import Wanted, operation_page
from slipway.controller.store.pages import operations_called
from slipway.errors import NotFoundError


def list_endpoints(
    workspace: Workspace, asked: EndpointPageAsked
) -> Page[EndpointView]:
    """Return the endpoints that were deployed to."""
    return listed(workspace, asked, Endpoint, EndpointView.model_validate)


def show_endpoint(workspace: Workspace, asked: EndpointNamed) -> EndpointView:
    """Return an endpoint as it should be, and as it was last seen."""
    found = workspace.store.records.endpoint(asked.name)
    environment = workspace.settings.environment.name
    if found is None or found.environment != environment:
        message = f"There is no endpoint {asked.name!r}. See them: GET /v1/endpoints"
        raise NotFoundError(message)
    return EndpointView.model_validate(found)


def list_operations(
    workspace: Workspace, asked: OperationPageAsked
) -> Page[OperationLineView]:
    """Return the environment's operations, the newest first."""
    check_known(workspace, asked.model)
    if asked.run_id is not None:
        known_run(workspace, asked.run_id)
    wanted = Wanted(
        workspace.settings.environment.name,
        asked.model or "",
        _states(asked.state),
        asked.run_id or "",
    )
    database = workspace.store.database
    lines = operation_page(database, wanted, limit=asked.limit + 1, after=asked.before)
    models = {line.id: line.model for line in lines[: asked.limit]}
    rows = operations_called(database, list(models))
    items = [_line(rows[number], model) for number, model in models.items()]
    cursor = asked.cursor_after([line.id for line in lines])
    return Page[OperationLineView](items=items, next_cursor=cursor)


def _line(row: Operation, model: str) -> OperationLineView:
    said = OperationView.model_validate(row).model_dump()
    return OperationLineView(model=model, **said)


def _states(state: str | None) -> tuple[str, ...]:
    if state == UNFINISHED:
        return tuple(sorted(CHARTS["operation"].unfinished))
    return (state,) if state else ()
