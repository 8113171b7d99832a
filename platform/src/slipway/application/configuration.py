"""A model's configuration: who set each value, and what is set over its files."""

import orjson

from slipway.application.pages import OverridesAsked
from slipway.application.requests import ExplainAsked, OverrideAsked, OverrideNamed
from slipway.application.views import (
    FieldView,
    OverrideView,
    Page,
    PayloadView,
)
from slipway.application.workspace import Workspace
from slipway.controller.orm import ConfigOverride
from slipway.controller.overrides import accept, moment, withdraw, written
from slipway.controller.preview import previews
from slipway.controller.store.overrides import Wanted, override_page


def explain(workspace: Workspace, asked: ExplainAsked) -> Page[PayloadView]:
    """Return each field that SageMaker would be sent, its value and who set it."""
    found = previews(workspace.context(asked.model), asked.step or "")
    shown = [
        PayloadView(
            step=preview.step,
            operation=preview.operation,
            fields=[
                FieldView(field=path, value=value, source=dict(source.as_dict()))
                for path, value, source in preview.fields()
            ],
        )
        for preview in found
    ]
    return Page[PayloadView](items=shown)


def list_overrides(workspace: Workspace, asked: OverridesAsked) -> Page[OverrideView]:
    """Return what is set over a model's files now, or ever was, the newest first."""
    declared = workspace.declared(asked.model)
    environment = workspace.settings.environment.name
    wanted = Wanted(asked.model, environment, counting=asked.history == "now")
    database, most = declared.store.database, asked.limit + 1
    found = override_page(database, wanted, limit=most, before=asked.before)
    shown = [_view(listed.row, listed.state) for listed in found[: asked.limit]]
    cursor = asked.cursor_after([listed.row.id for listed in found])
    return Page[OverrideView](items=shown, next_cursor=cursor)


def set_override(workspace: Workspace, asked: OverrideAsked) -> OverrideView:
    """Set one value over what files say, after it is checked; a bad one changes nothing."""
    declared = workspace.declared(asked.model)
    setting = f"{asked.key}={asked.value}"
    expires_at = asked.expires_at.timestamp()
    row = accept(declared, setting, purpose=asked.reason, expires_at=expires_at)
    return _view(row, row.state)


def unset_override(workspace: Workspace, asked: OverrideNamed) -> OverrideView:
    """Take an override back: files count again."""
    row = withdraw(workspace.declared(asked.model), asked.key, asked.reason)
    return _view(row, row.state)


def _view(row: ConfigOverride, state: str) -> OverrideView:
    return OverrideView(
        id=row.id,
        model=row.model,
        environment=row.environment,
        key=written(row.key),
        value=orjson.loads(row.value),
        state=state,
        actor=row.actor,
        reason=row.purpose,
        set_at=row.created_at,
        expires_at=moment(row.expires_at),
        ended=row.reason,
    )
