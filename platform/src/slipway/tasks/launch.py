"""A model taken through its pipeline, from the command line's words."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from slipway.controller.context import Context, Image, Request
from slipway.controller.runs import RunReport, execute
from slipway.controller.steps.definition import Definition
from slipway.errors import InvalidRequestError
from slipway.images import BuiltImage, Kind, build_image
from slipway.settings import Settings
from slipway.spec import bind_parameters
from slipway.tasks import local_stack
from slipway.tasks.terminal import Terminal
from slipway.tasks.workspace import Workspace


@dataclass(frozen=True)
class Wish:
    """What the command line asked a run for."""

    model: str
    #: Text of an ISO date; None: today.
    date: str | None = None
    #: `name=value` texts.
    parameters: Sequence[str] = field(default_factory=tuple)
    force: bool = False


@dataclass(frozen=True)
class Launched:
    """A run that ended well."""

    context: Context
    image: BuiltImage
    report: RunReport


def launch(
    workspace: Workspace,
    wish: Wish,
    pipeline: Sequence[Definition],
    terminal: Terminal,
) -> Launched:
    """Build the model's image and take a run of it through `pipeline`."""
    context = workspace.context(wish.model, terminal)
    run_date = parse_date(wish.date)
    given = parse_parameters(wish.parameters)
    parameters = bind_parameters(context.spec.sql.parameters, given, run_date)
    kind = ensure_stack(workspace.settings, terminal)
    image = build(workspace, wish.model, kind, terminal)
    context.objects.ensure_bucket(workspace.settings.environment.bucket)
    request = Request(
        run_date=run_date,
        parameters=parameters,
        image=Image(image.uri, image.runtime_digest),
        code_commit=workspace.commit(),
        salt=secrets.token_hex(8) if wish.force else "",
    )
    return Launched(context, image, execute(context, request, pipeline))


def ensure_stack(settings: Settings, terminal: Terminal) -> Kind:
    """Return the kind of image that the environment runs; start the local stack."""
    if settings.environment.local_stack is None:
        return "docker"
    terminal.say("starting the local stack …")
    health, _started = local_stack.up(settings)
    return health.executor


def build(
    workspace: Workspace, model: str, kind: Kind, terminal: Terminal
) -> BuiltImage:
    """Build the model's image, unless the same one is there."""
    settings = workspace.settings
    terminal.say(f"image of {model} …")
    return build_image(
        workspace.folder(model),
        kind=kind,
        registry=settings.environment.registry,
        images_root=local_stack.images_root(settings),
        cache=settings.state / "wheels",
        progress=terminal.say,
    )


def parse_date(text: str | None) -> dt.date:
    """Return the date that a run is for; today in UTC when none is given."""
    if text is None:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        message = f"--date {text!r} is not a date such as 2026-01-31"
        raise InvalidRequestError(message) from error


def parse_parameters(texts: Sequence[str]) -> dict[str, str]:
    """Return `name=value` texts as a mapping."""
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            message = (
                f"--param {text!r} is not name=value, for example as_of=2026-01-31"
            )
            raise InvalidRequestError(message)
        pairs[name] = value
    return pairs
