"""A model's versions, and which one served when, for people and machines."""

import datetime as dt
from typing import Any

import orjson
from rich.console import RenderableType
from rich.markup import escape

from slipway.application.reports import ServedView
from slipway.application.views import VersionView
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, every, known_model, whole_number
from slipway.tasks.terminal import table

_COLUMNS = ("version", "state", "registered", "commit", "metrics")
_SECONDS = "%Y-%m-%dT%H:%M:%SZ"
#: How much of a commit, and how many metrics a table shows.
_SHORT, _SHOWN = 12, 3


def list_versions(controller: Controller, model: str, number: str) -> Answer:
    """Return a model's versions, or all that is known of one."""
    model = known_model(controller, model)
    if number:
        wanted = whole_number("--version", number)
        version = controller.ask("version.show", model=model, version=wanted)
        return Answer(_as_dict(version), (_details(version),))
    versions = list(every(controller, "version.list", model=model))
    data = {"model": model, "versions": [_as_dict(version) for version in versions]}
    if not versions:
        nothing = f"{model} has no version yet: invoke run --model {model}"
        return Answer(data, (nothing,))
    more = f"All that is known of one: invoke versions --model {model} --version N"
    return Answer(data, (table(_COLUMNS, map(_row, versions)), more))


def tell_serving_at(controller: Controller, model: str, at: str) -> Answer:
    """Return which version of a model served at a moment."""
    moment = _moment(at)
    model = known_model(controller, model)
    served = controller.ask("model.serving_at", model=model, at=moment)
    return Answer(served.model_dump(mode="json"), (escape(_told(served)),))


def _told(served: ServedView) -> str:
    at = f"{served.model} served at {served.at:{_SECONDS}}"
    if served.version is None or served.since is None:
        since = "no version ever did"
        if served.first_served_at is not None:
            since = f"the first version began {served.first_served_at:{_SECONDS}}"
        return f"Nothing of {at}: {since}"
    until = f"until {served.until:{_SECONDS}}" if served.until else "until now"
    return (
        f"{served.model} version {served.version} served at {served.at:{_SECONDS}}: since"
        f" {served.since:{_SECONDS}}, {until}, by {served.actor}: {served.reason}"
    )


def _as_dict(version: VersionView) -> dict[str, Any]:
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
        "image_digest": version.image_digest,
    }


def _row(version: VersionView) -> tuple[str, ...]:
    metrics = [f"{name} {value:.4f}" for name, value in version.metrics.items()]
    more = [f"and {len(metrics) - _SHOWN} more"] if len(metrics) > _SHOWN else []
    return (
        str(version.version),
        version.state,
        f"{version.created_at:%Y-%m-%d %H:%M}Z",
        _commit(str(version.lineage.get("code_commit", ""))),
        ", ".join([*metrics[:_SHOWN], *more]),
    )


def _commit(text: str) -> str:
    """Return a commit in short, and whether the checkout held more than it."""
    commit, dash, more = text.partition("-")
    return f"{commit[:_SHORT]}{dash}{more}" or "-"


def _details(version: VersionView) -> RenderableType:
    rows = [
        (
            name,
            escape(value if isinstance(value, str) else orjson.dumps(value).decode()),
        )
        for name, value in _as_dict(version).items()
    ]
    return table(("", version.model), rows)


def _moment(text: str) -> dt.datetime:
    try:
        given = dt.datetime.fromisoformat(text)
        aware = given if given.tzinfo else given.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        message = f"--at {text!r} is not a moment such as 2026-01-31T12:00 (UTC)"
        raise InvalidRequestError(message) from error
