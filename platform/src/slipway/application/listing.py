"""Lists of rows: filtered, newest first, a page at a time."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from slipway.application.models import check_known
from slipway.application.pages import ModelPageAsked, PageAsked
from slipway.application.views import Item, Page
from slipway.application.workspace import Workspace
from slipway.controller.orm import ApiToken, Deployment, Endpoint, ModelVersion, Run
from slipway.controller.store.pages import page

Listed = TypeVar("Listed", Run, ModelVersion, Deployment, Endpoint, ApiToken)


def listed(
    workspace: Workspace,
    asked: ModelPageAsked,
    table: type[Listed],
    view: Callable[[Listed], Item],
) -> Page[Item]:
    """Return the page of the environment's rows that was asked for."""
    check_known(workspace, asked.model)
    equal = asked.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    equal["environment"] = workspace.settings.environment.name
    return page_of(workspace, asked, table, equal, view)


def page_of(
    workspace: Workspace,
    asked: PageAsked,
    table: type[Listed],
    equal: Mapping[str, object],
    view: Callable[[Listed], Item],
) -> Page[Item]:
    """Return the page of the rows with these column values that was asked for.

    Its cursor is a row's number: rows that are added meanwhile move nothing.
    """
    database, most = workspace.store.database, asked.limit + 1
    rows = page(database, table, equal, limit=most, before=asked.before)
    cursor = asked.cursor_after([row.id for row in rows])
    items = [view(row) for row in rows[: asked.limit]]
    return Page[Item](items=items, next_cursor=cursor)
