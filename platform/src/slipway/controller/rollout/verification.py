"""The proof that an endpoint serves a version: config, images, and an answer."""

from slipway.controller.context import Context
from slipway.controller.endpoints import config_of, observe, serves
from slipway.controller.identity import capacity_of
from slipway.controller.orm import ModelVersion
from slipway.controller.rollout.images import running_digest
from slipway.controller.serving import endpoint_name, smoke_test
from slipway.controller.store.endpoints import keep_capacity
from slipway.controller.versions import MAY_ANSWER, version_of
from slipway.errors import StepFailedError


def verify(context: Context, config_name: str, version: ModelVersion) -> str:
    """Return the digest of the images that serve `version`, or raise StepFailedError.

    The endpoint is InService with the config, each variant runs the image that the
    version was registered with, and the version answered a question.
    """
    name = endpoint_name(context)
    seen = observe(context, name)
    if not serves(seen, config_name):
        message = (
            f"The endpoint {name!r} is {seen.status} with"
            f" {config_of(seen)!r}, not with {config_name!r}: it was changed by hand"
        )
        raise StepFailedError(message)
    expected = version.image_digest or context.store.records.verified_digest(
        name, config_name
    )
    digest = running_digest(seen, version, expected)
    smoke_test(context, version)
    keep_capacity(context.store, name, capacity_of(seen))
    return digest


def check_accepted(context: Context, version: ModelVersion) -> None:
    """Raise for a version that was refused after its deployment began."""
    current = version_of(context, version.version)
    if current.state not in MAY_ANSWER:
        message = (
            f"Version {current.version} is {current.state} since its deployment began:"
            f" {current.reason or 'no reason given'}"
        )
        raise StepFailedError(message)
