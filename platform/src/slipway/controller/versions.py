"""Model versions, by number."""

from slipway.controller.context import Context
from slipway.controller.orm import ModelVersion
from slipway.errors import InvalidRequestError


def version_of(context: Context, number: int) -> ModelVersion:
    """Return version `number` of the context's model, or raise."""
    versions = context.store.records.versions(
        context.spec.name, context.settings.environment.name
    )
    for version in versions:
        if version.version == number:
            return version
    known = ", ".join(str(version.version) for version in versions) or "none yet"
    message = f"{context.spec.name} has no version {number}. Known: {known}"
    raise InvalidRequestError(message)
