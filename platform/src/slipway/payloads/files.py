"""The layers that files set: the platform's defaults, an environment, a model."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path

from slipway.documents import Document, Location, plain, read_document
from slipway.payloads.fields import spec_layer, values_of
from slipway.payloads.layers import Layer, Source
from slipway.settings import Settings
from slipway.spec import ModelSpec
from slipway.spec.load import FILE_NAME

#: What the defaults are called in every checkout.
_DEFAULTS = "platform/src/slipway/payloads/defaults.yaml"
#: Where an environment's `role_arn` goes.
_ROLES = {
    "CreateProcessingJob": "RoleArn",
    "CreateTrainingJob": "RoleArn",
    "CreateModel": "ExecutionRoleArn",
}


def platform_layer() -> Layer:
    """Return the platform's own defaults."""
    document = _defaults()
    return Layer(
        plain(document.data),
        lambda place: Source(_DEFAULTS, document.line(place)),
    )


def environment_layer(settings: Settings) -> Layer:
    """Return what the environment's file sets: its role, and its `payloads`."""
    environment = settings.environment
    values = {
        operation: dict(fragment)
        for operation, fragment in environment.payloads.items()
    }
    for operation, member in _ROLES.items():
        values.setdefault(operation, {}).setdefault(member, environment.role_arn)
    name = str(settings.source.relative_to(settings.root))
    line = _lines(settings.source)

    def source(place: tuple[str, ...]) -> Source:
        operation, *path = place
        written = path[0] in environment.payloads.get(operation, {})
        return Source(name, line(("payloads", *place) if written else ("role_arn",)))

    return Layer(values, source)


def model_layer(spec: ModelSpec, folder: Path, step: str) -> Layer:
    """Return what the `model.yaml` in `folder` sets for `step`; its defaults set nothing."""
    path = folder / FILE_NAME
    line = _lines(path)
    return spec_layer(
        values_of(spec), step, lambda key: Source(str(path), line(key.split(".")))
    )


def _lines(path: Path) -> Callable[[Location], int]:
    """Return what finds lines in a file that is read when the first is asked for."""

    @cache
    def document() -> Document:
        return read_document(path)

    return lambda location: document().line(location)


@cache
def _defaults() -> Document:
    return read_document(Path(str(files("slipway.payloads") / "defaults.yaml")))
