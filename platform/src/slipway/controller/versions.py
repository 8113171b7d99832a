"""Model versions, by number."""

from slipway.controller.context import Context
from slipway.controller.orm import ModelVersion
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store import Records
from slipway.errors import HeldError, InvalidRequestError, NotFoundError

#: What a version must be to serve, and for anything to ask it.
MAY_ANSWER = (CHAMPION, "approved", "superseded")


def version_of(context: Context, number: int) -> ModelVersion:
    """Return version `number` of the context's model, or raise."""
    environment = context.settings.environment.name
    return numbered(context.store.records, context.spec.name, environment, number)


def numbered(
    records: Records, model: str, environment: str, number: int
) -> ModelVersion:
    """Return version `number` of a model, or raise."""
    versions = records.versions(model, environment)
    for version in versions:
        if version.version == number:
            return version
    known = ", ".join(str(version.version) for version in versions) or "none yet"
    message = f"{model} has no version {number}. Known: {known}"
    raise NotFoundError(message)


def check_may_serve(version: ModelVersion) -> None:
    """Raise for a version that may not serve: HeldError while it waits for a person."""
    if version.state in MAY_ANSWER:
        return
    model, number = version.model, version.version
    if version.state == "registered":
        message = (
            f"Version {number} of {model} waits for approval. Let it serve, then ask"
            f" again: invoke approve --model {model} --version {number} --reason …"
        )
        raise HeldError(message)
    message = (
        f"Version {number} of {model} is {version.state}"
        f" ({version.reason or 'no reason'}), and may not serve. One that may is"
        f" {', '.join(MAY_ANSWER)}: invoke versions --model {model}"
    )
    raise InvalidRequestError(message)


def version_to_score(context: Context, number: int | None = None) -> ModelVersion:
    """Return the version that scores a batch: the named one, or what serves.

    A model that no endpoint serves is scored by its latest approved version. Raise
    InvalidRequestError for a version that met not every gate, and where there is none.
    """
    if number is not None:
        named = version_of(context, number)
        check_may_serve(named)
        return named
    name, environment = context.spec.name, context.settings.environment.name
    found = context.store.records.versions(name, environment)
    for state in (CHAMPION, "approved"):
        fitting = [version for version in found if version.state == state]
        if fitting:
            return max(fitting, key=lambda version: version.version)
    message = (
        f"{name} has no version to score with. Train one: invoke run --model {name}"
    )
    raise InvalidRequestError(message)
