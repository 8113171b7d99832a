"""Lists of rows: filtered, newest first, a page at a time."""

from collections.abc import Callable
from typing import TypeVar

from slipway.application.requests import PageAsked
from slipway.application.views import Item, Page
from slipway.application.workspace import Workspace
from slipway.controller.orm import Deployment, Endpoint, ModelVersion, Run
from slipway.controller.store.pages import page

Listed = TypeVar("Listed", Run, ModelVersion, Deployment, Endpoint)


def listed(
    workspace: Workspace,
    asked: PageAsked,
    table: type[Listed],
    view: Callable[[Listed], Item],
) -> Page[Item]:
    """Return the page of a table's rows that was asked for.

    Its cursor is a row's number: rows that are added meanwhile move nothing.
    """
    equal = asked.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    equal["environment"] = workspace.settings.environment.name
    rows = page(
        workspace.store.database,
        table,
        equal,
        limit=asked.limit + 1,
        before=asked.before,
    )
    shown = rows[: asked.limit]
    cursor = str(shown[-1].id) if len(rows) > asked.limit else None
    return Page[Item](items=[view(row) for row in shown], next_cursor=cursor)
