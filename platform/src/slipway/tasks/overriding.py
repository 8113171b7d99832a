"""Overrides of a model's configuration: set, shown, taken back."""

import datetime as dt
import re
from typing import Any

import orjson
from rich.markup import escape

from slipway.application.views import OverrideView
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, every, known_model
from slipway.tasks.terminal import table

_PERIOD = re.compile(r"(\d{1,6})([mhd])")
_SECONDS = {"m": 60, "h": 3600, "d": 86400}
_COLUMNS = ("id", "key", "value", "state", "set by", "reason", "expires")


def set_value(
    controller: Controller, model: str, setting: str, *, reason: str, expires: str
) -> Answer:
    """Set one value over what files say, after it is checked."""
    if not reason.strip():
        message = 'Why? Give --reason "…": it is kept with the override'
        raise InvalidRequestError(message)
    key, equals, value = setting.partition("=")
    if not equals or not key:
        message = f"{setting!r} is not key=value, such as instances.train=ml.m5.4xlarge"
        raise InvalidRequestError(message)
    expires_at = _expiry(expires, dt.datetime.now(dt.UTC))
    asked = {"key": key, "value": value, "reason": reason.strip()}
    model = known_model(controller, model)
    made = controller.ask("override.set", model=model, expires_at=expires_at, **asked)
    text = (
        f"override {made.id}: {made.key} of {model} is {orjson.dumps(made.value).decode()}"
        f" until {made.expires_at}, from the next run or deployment on."
        f" See it: invoke explain --model {model}"
    )
    return Answer(_as_dict(made), (escape(text),))


def list_values(controller: Controller, model: str, *, history: bool) -> Answer:
    """Return what is set over the files now, or ever was, the oldest first."""
    model, wanted = known_model(controller, model), "all" if history else "now"
    newest = [*every(controller, "override.list", model=model, history=wanted)]
    found = newest[::-1]
    rows = [
        (
            str(one.id),
            one.key,
            escape(repr(one.value)),
            one.state,
            one.actor,
            escape(one.reason),
            one.expires_at,
        )
        for one in found
    ]
    nothing = f"Nothing is set over {model}'s files"
    shown = table(_COLUMNS, rows) if rows else nothing
    data = {"model": model, "overrides": [_as_dict(one) for one in found]}
    return Answer(data, (shown,))


def unset_value(controller: Controller, model: str, key: str, *, reason: str) -> Answer:
    """Take an override back."""
    model = known_model(controller, model)
    asked = {"model": model, "key": key, "reason": reason.strip() or "taken back"}
    back = controller.ask("override.unset", **asked)
    text = f"override {back.id}: {back.key} of {model} is what files say again"
    return Answer(_as_dict(back), (text,))


def _as_dict(view: OverrideView) -> dict[str, Any]:
    said: dict[str, Any] = view.model_dump(mode="json")
    return said | {"set_at": view.set_at.isoformat(timespec="seconds")}


def _expiry(text: str, now: dt.datetime) -> dt.datetime:
    """Return the moment that a period from now, or a date, means."""
    if (period := _PERIOD.fullmatch(text)) is not None:
        return now + dt.timedelta(seconds=int(period[1]) * _SECONDS[period[2]])
    try:
        given = dt.datetime.fromisoformat(text)
        aware = given if given.tzinfo else given.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)
    except ValueError as error:
        message = (
            f"--expires {text!r} is no period such as 12h or 7d, and no date such as"
            " 2026-12-24: an override ends by itself"
        )
        raise InvalidRequestError(message) from error
    except OverflowError as error:
        message = f"--expires {text!r} is no moment in UTC, and not within 366 days"
        raise InvalidRequestError(message) from error
