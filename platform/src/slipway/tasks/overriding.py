"""Overrides of a model's configuration: set, shown, taken back."""

import datetime as dt
import re
from typing import Any

import orjson
from rich.markup import escape

from slipway.application.workspace import Workspace
from slipway.controller.orm import ConfigOverride
from slipway.controller.overrides import accept, moment, withdraw, written
from slipway.controller.store.overrides import clock, overrides_of
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.terminal import table

_PERIOD = re.compile(r"(\d{1,6})([mhd])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_COLUMNS = ("id", "key", "value", "state", "set by", "reason", "expires")


def set_value(
    env: str, model: str, setting: str, *, reason: str, expires: str
) -> Answer:
    """Set one value over what files say, after it is checked."""
    declared = Workspace.open(env).declared(model)
    if not reason.strip():
        message = 'Why? Give --reason "…": it is kept with the override'
        raise InvalidRequestError(message)
    expires_at = _expiry(expires, clock(declared.store.database))
    row = accept(declared, setting, purpose=reason.strip(), expires_at=expires_at)
    text = (
        f"override {row.id}: {written(row.key)} of {model} is {row.value} until"
        f" {moment(row.expires_at)}, from the next run or deployment on."
        f" See it: invoke explain --model {model}"
    )
    return Answer(_as_dict(row, row.state), (escape(text),))


def list_values(env: str, model: str, *, history: bool) -> Answer:
    """Return what is set over the files now, or all that ever was."""
    declared = Workspace.open(env).declared(model)
    environment = declared.settings.environment.name
    found = [
        listed
        for listed in overrides_of(declared.store.database, model, environment)
        if history or listed.counts
    ]
    data = [_as_dict(listed.row, listed.state) for listed in found]
    rows = [
        (
            str(one["id"]),
            one["key"],
            escape(repr(one["value"])),
            one["state"],
            one["actor"],
            escape(one["reason"]),
            one["expires_at"],
        )
        for one in data
    ]
    nothing = f"Nothing is set over {model}'s files"
    shown = table(_COLUMNS, rows) if rows else nothing
    return Answer({"model": model, "overrides": data}, (shown,))


def unset_value(env: str, model: str, key: str, *, reason: str) -> Answer:
    """Take an override back."""
    declared = Workspace.open(env).declared(model)
    row = withdraw(declared, key, reason or "taken back")
    text = f"override {row.id}: {written(row.key)} of {model} is what files say again"
    return Answer(_as_dict(row, row.state), (text,))


def _as_dict(row: ConfigOverride, state: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "model": row.model,
        "environment": row.environment,
        "key": written(row.key),
        "value": orjson.loads(row.value),
        "state": state,
        "actor": row.actor,
        "reason": row.purpose,
        "set_at": row.created_at.isoformat(timespec="seconds"),
        "expires_at": moment(row.expires_at),
        "ended": row.reason,
    }


def _expiry(text: str, now: float) -> float:
    """Return the moment that a period from now, or a date, means."""
    if (period := _PERIOD.fullmatch(text)) is not None:
        expires_at = now + int(period[1]) * _SECONDS[period[2]]
    else:
        try:
            given = dt.datetime.fromisoformat(text)
            aware = given if given.tzinfo else given.replace(tzinfo=dt.UTC)
            expires_at = aware.timestamp()
        except (ValueError, OverflowError) as error:
            message = (
                f"--expires {text!r} is no period such as 12h or 7d, and no date such as"
                " 2026-12-24: an override ends by itself"
            )
            raise InvalidRequestError(message) from error
    return expires_at
