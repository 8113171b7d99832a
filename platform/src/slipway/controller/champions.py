"""The champion of a model: which version serves now, and which one served when."""

import datetime as dt
from dataclasses import dataclass

from slipway.controller.context import Context
from slipway.controller.orm import ModelVersion
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store.reigns import Reign, reigns_of
from slipway.errors import ConflictError, InvalidRequestError


@dataclass(frozen=True)
class Served:
    """What served at a moment."""

    at: dt.datetime
    #: None: nothing did.
    version: ModelVersion | None
    #: Since when, by whom and why; None: nothing served.
    reign: Reign | None
    #: When the first version of the model began to serve; None: none ever did.
    first_at: dt.datetime | None


def champion(context: Context) -> ModelVersion | None:
    """Return the version that serves, verified; None: none does."""
    versions = context.store.records.versions(
        context.spec.name, context.settings.environment.name
    )
    return next((version for version in versions if version.state == CHAMPION), None)


def expect_champion(context: Context, expected: int | None) -> None:
    """Raise ConflictError unless `expected` is what serves: 0, nothing; None, anything.

    A run that deploys holds the model's lease when it asks: what is true then stays so.
    """
    current = champion(context)
    number = current.version if current is not None else 0
    if expected is None or expected == number:
        return
    model = context.spec.name
    reigns = reigns_of(context.store.database, model, context.settings.environment.name)
    moved = ""
    if reigns:
        moved = f", moved {reigns[-1].since:%Y-%m-%dT%H:%M:%SZ} by {reigns[-1].actor}"
    message = (
        f"{_words(number)} serves {model}, not {_words(expected)} as --expect-version"
        f" says{moved}: nothing was changed. Look again:"
        f" invoke versions --model {model}"
    )
    raise ConflictError(message)


def served_at(context: Context, at: dt.datetime) -> Served:
    """Return which version was its model's champion at a moment, by the history of states."""
    now = context.store.now()
    if at > now:
        message = (
            f"--at {at:%Y-%m-%dT%H:%M:%SZ} is to come: it is {now:%Y-%m-%dT%H:%M:%SZ}"
        )
        raise InvalidRequestError(message)
    model, environment = context.spec.name, context.settings.environment.name
    reigns = reigns_of(context.store.database, model, environment)
    first_at = reigns[0].since if reigns else None
    for reign in reversed(reigns):
        if reign.since <= at and (reign.until is None or at < reign.until):
            versions = context.store.records.versions(model, environment)
            found = next(one for one in versions if one.id == reign.version_id)
            return Served(at, found, reign, first_at)
    return Served(at, None, None, first_at)


def _words(number: int) -> str:
    return f"version {number}" if number else "no version"
