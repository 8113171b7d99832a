"""A model's versions, and which one served when, for people and machines."""

import datetime as dt
from typing import Any

import orjson
from rich.console import RenderableType
from rich.markup import escape

from slipway.application.workspace import Workspace
from slipway.controller.champions import served_at
from slipway.controller.orm import ModelVersion
from slipway.controller.versions import version_of
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.terminal import table

_COLUMNS = ("version", "state", "registered", "run", "commit", "data", "metrics")
#: How much of a digest a table shows.
_SHORT = 12


def list_versions(env: str, model: str, number: str) -> Answer:
    """Return a model's versions, or all that is known of one."""
    context = Workspace.open(env).declared(model)
    environment = context.settings.environment.name
    if number:
        version = version_of(context, _number(number))
        return Answer(_as_dict(version), (_details(version),))
    versions = context.store.records.versions(model, environment)
    shown: RenderableType = f"{model} has no version yet: invoke run --model {model}"
    if versions:
        shown = table(_COLUMNS, map(_row, versions))
    data = {"model": model, "versions": [_as_dict(version) for version in versions]}
    return Answer(data, (shown,))


def tell_serving_at(env: str, model: str, at: str) -> Answer:
    """Return which version of a model served at a moment."""
    context = Workspace.open(env).declared(model)
    served = served_at(context, _moment(at))
    data: dict[str, Any] = {
        "model": model,
        "at": served.at.isoformat(),
        "version": served.version.version if served.version else None,
        "first_served_at": served.first_at.isoformat() if served.first_at else None,
    }
    if served.version is None or served.reign is None:
        since = "no version ever did"
        if served.first_at is not None:
            since = f"the first version began {served.first_at:%Y-%m-%dT%H:%M:%SZ}"
        text = f"Nothing of {model} served at {served.at:%Y-%m-%dT%H:%M:%SZ}: {since}"
        return Answer(data, (text,))
    reign = served.reign
    data |= {
        "since": reign.since.isoformat(),
        "until": reign.until.isoformat() if reign.until else None,
        "actor": reign.actor,
        "reason": reign.reason,
        "artifact_digest": served.version.artifact_digest,
    }
    until = f"until {reign.until:%Y-%m-%dT%H:%M:%SZ}" if reign.until else "until now"
    text = (
        f"{model} version {served.version.version} served at"
        f" {served.at:%Y-%m-%dT%H:%M:%SZ}: since {reign.since:%Y-%m-%dT%H:%M:%SZ},"
        f" {until}, by {reign.actor}: {reign.reason}"
    )
    return Answer(data, (escape(text),))


def _as_dict(version: ModelVersion) -> dict[str, Any]:
    return {
        "version": version.version,
        "state": version.state,
        "registered_at": version.created_at.isoformat(timespec="seconds"),
        "run_id": version.run_id,
        "metrics": version.metrics,
        "artifact_digest": version.artifact_digest,
        "artifact_uri": version.artifact_uri,
        "image_uri": version.image_uri,
        **version.lineage,
    }


def _row(version: ModelVersion) -> tuple[str, ...]:
    lineage = version.lineage
    return (
        str(version.version),
        version.state,
        f"{version.created_at:%Y-%m-%dT%H:%M:%SZ}",
        version.run_id,
        str(lineage.get("code_commit", ""))[:_SHORT] or "-",
        str(lineage.get("data_digest", "")).rpartition(":")[2][:_SHORT],
        ", ".join(f"{name} {value:.4f}" for name, value in version.metrics.items()),
    )


def _details(version: ModelVersion) -> RenderableType:
    rows = [
        (
            name,
            escape(value if isinstance(value, str) else orjson.dumps(value).decode()),
        )
        for name, value in _as_dict(version).items()
    ]
    return table(("", version.model), rows)


def _number(text: str) -> int:
    if not text.isdecimal():
        message = f"--version {text!r} is not a number such as 3"
        raise InvalidRequestError(message)
    return int(text)


def _moment(text: str) -> dt.datetime:
    try:
        given = dt.datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--at {text!r} is not a moment such as 2026-01-31T12:00 (UTC)"
        raise InvalidRequestError(message) from error
    return given if given.tzinfo else given.replace(tzinfo=dt.UTC)
