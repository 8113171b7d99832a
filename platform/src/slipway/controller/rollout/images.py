"""What a version was registered with, beside what is there now: above all its image."""

from slipway.controller.context import Context
from slipway.controller.hosting import check_archive
from slipway.controller.orm import ModelVersion
from slipway.errors import IntegrityError, StepFailedError
from slipway.sagemaker.gateway import Observation


def check_content(context: Context, version: ModelVersion) -> None:
    """Refuse an artifact or an image that is not the one that was registered."""
    check_image(context, version)
    check_archive(context, version)


def check_image(context: Context, version: ModelVersion) -> None:
    """Refuse an image that is not the one that was registered, where that can be seen."""
    found = context.image_digest(version.image_uri)
    if found and version.image_digest not in {"", found}:
        message = (
            f"{version.image_uri} is {found} now, and version {version.version} was"
            f" registered with {version.image_digest}: its tag was written over, and nothing"
            f" was begun. {_advice(version)}"
        )
        raise IntegrityError(message)


def running_digest(seen: Observation, version: ModelVersion, expected: str) -> str:
    """Return the digest of the image that an endpoint runs, or raise StepFailedError.

    An image that SageMaker resolved to no digest is right where none is `expected`.
    """
    digest, name = _one_digest(seen, version), seen.description["EndpointName"]
    if expected and digest != expected:
        message = (
            f"The endpoint {name!r} runs {version.image_uri} as"
            f" {digest or 'an image of no digest'}, and version {version.version} has"
            f" {expected}: its tag was written over. {_advice(version)}"
        )
        raise StepFailedError(message)
    return digest


def _one_digest(seen: Observation, version: ModelVersion) -> str:
    """Return the one digest of every variant's image; empty: it has none."""
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
        resolved = {str(image.get("ResolvedImage", "")) for image in images}
        digests |= {image.partition("@")[2] for image in resolved}
    if len(digests) != 1:
        message = (
            f"The endpoint runs {len(digests)} images for version {version.version}:"
            f" {', '.join(sorted(digests)) or 'it has no variant'}"
        )
        raise StepFailedError(message)
    return digests.pop()


def _advice(version: ModelVersion) -> str:
    return (
        "Bring that image back, or train in today's: invoke deploy --model"
        f" {version.model} --force"
    )
