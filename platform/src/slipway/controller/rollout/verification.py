"""The proof that an endpoint serves a version: config, images, and an answer."""

from slipway.controller.context import Context
from slipway.controller.endpoints import config_of, observe, serves
from slipway.controller.orm import ModelVersion
from slipway.controller.serving import endpoint_name, smoke_test
from slipway.controller.versions import MAY_ANSWER, version_of
from slipway.errors import StepFailedError
from slipway.sagemaker.gateway import Observation


def verify(context: Context, config_name: str, version: ModelVersion) -> str:
    """Return the digest of the images that serve `version`, or raise StepFailedError.

    The endpoint is InService with the config, each variant runs the version's image,
    and the version answered a question.
    """
    name = endpoint_name(context)
    seen = observe(context, name)
    if not serves(seen, config_name):
        message = (
            f"The endpoint {name!r} is {seen.status} with"
            f" {config_of(seen)!r}, not with {config_name!r}: it was changed by hand"
        )
        raise StepFailedError(message)
    digest = _images(seen, version)
    known = context.store.records.verified_digest(name, config_name)
    if known and digest and known != digest:
        message = (
            f"The image {version.image_uri!r} is {digest} now, and was {known} when"
            f" version {version.version} was verified: its tag was written over"
        )
        raise StepFailedError(message)
    smoke_test(context, version)
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


def _images(seen: Observation, version: ModelVersion) -> str:
    """Return the one digest of every variant's image."""
    digests = set()
    for variant in seen.description.get("ProductionVariants", []):
        images = variant.get("DeployedImages", [])
        found = {image.get("SpecifiedImage") for image in images}
        if found != {version.image_uri}:
            message = (
                f"The variant {variant['VariantName']!r} runs"
                f" {', '.join(map(str, found)) or 'no image'}, not {version.image_uri!r}"
            )
            raise StepFailedError(message)
        digests |= {_digest(image.get("ResolvedImage", "")) for image in images}
    if len(digests) != 1:
        message = (
            f"The endpoint runs {len(digests)} images for version {version.version}:"
            f" {', '.join(sorted(digests)) or 'it has no variant'}"
        )
        raise StepFailedError(message)
    return digests.pop()


def _digest(resolved: str) -> str:
    """Return the digest of a resolved image; empty: it has none."""
    return resolved.partition("@")[2]
