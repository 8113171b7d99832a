"""A model moved along its pipeline."""

import datetime as dt
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.application.fields import TAG, WORDS
from slipway.application.remote import Remote
from slipway.application.workspace import Workspace
from slipway.controller.champions import expect_champion
from slipway.controller.context import Context, Image, Request
from slipway.controller.frozen import Opening, read_sources
from slipway.controller.overrides import with_settings
from slipway.controller.preflight import check_folder
from slipway.controller.runs import RunReport, execute
from slipway.controller.steps.definition import Definition
from slipway.controller.steps.pipeline import (
    TO_DEPLOY,
    TO_PUBLISH,
    TO_REGISTER,
)
from slipway.controller.versions import version_to_score
from slipway.errors import InvalidRequestError
from slipway.images import BuiltImage
from slipway.spec import bind_parameters
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.controllers import remote_of, whole_number
from slipway.tasks.remote_moving import move
from slipway.tasks.terminal import Terminal


@dataclass(frozen=True)
class Wish:
    """What the command line asked a run for."""

    model: str
    #: Text of an ISO date; empty: today.
    date: str = ""
    #: `name=value` texts.
    parameters: tuple[str, ...] = ()
    force: bool = False
    #: The version to score with; None: what serves.
    version: int | None = None
    #: The address of a controller that does it; empty: this process does.
    controller: str = ""
    #: `key=value` texts: what this run has otherwise than its model.
    settings: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    #: The version that must serve when the champion is moved; empty: any, or none.
    expects: str = ""
    #: Fields of `endpoint.deployment` that hold for this run alone.
    shift: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Launched:
    """A run that ended well."""

    context: Context
    image: BuiltImage
    report: RunReport

    def as_dict(self) -> dict[str, Any]:
        """Return the run as `--json` prints it."""
        return {
            "run_id": self.report.run_id,
            "model": self.context.spec.name,
            "environment": self.context.settings.environment.name,
            "image_uri": self.image.uri,
            "steps": [
                {
                    "name": step.name,
                    "outcome": step.outcome,
                    "seconds": round(step.seconds, 3),
                    "outputs": dict(step.outputs),
                }
                for step in self.report.steps
            ],
        }


def run_model(env: str, wish: Wish) -> Answer:
    """Take a model to a registered version."""

    def told(report: RunReport) -> str:
        number = report.step("register").outputs["version"]
        return (
            f"{wish.model} version {number} is registered."
            f" Serve it: invoke deploy --model {wish.model}"
        )

    return _moved(env, wish, TO_REGISTER, told)


def deploy_model(env: str, wish: Wish) -> Answer:
    """Take a model to a verified endpoint."""

    def told(report: RunReport) -> str:
        step = report.step("deploy")
        rollout = step.outputs
        state = "already serves" if step.outcome == "cached" else "now serves"
        return (
            f"{rollout['endpoint_name']} {state} version {rollout['version']}."
            f" Ask it: invoke predict --model {wish.model}"
        )

    return _moved(env, wish, TO_DEPLOY, told)


def score_model(env: str, wish: Wish) -> Answer:
    """Score the rows of a date in a batch."""

    def told(report: RunReport) -> str:
        step = report.step("publish")
        published = step.outputs
        state = "are published already" if step.outcome == "cached" else "are published"
        return (
            f"{published['rows']:,} predictions of {wish.model} version"
            f" {published['version']} {state}: {published['uri']}"
        )

    return _moved(env, wish, TO_PUBLISH, told)


def _moved(
    env: str,
    wish: Wish,
    pipeline: Sequence[Definition],
    told: Callable[[RunReport], str],
) -> Answer:
    """Take a run through `pipeline`, here or by a controller, and tell its end."""
    if (remote := remote_of(env, wish.controller)) is not None:
        return _moved_by(remote, env, wish, pipeline)
    launched = launch(Workspace.to_run_in(env), wish, pipeline)
    return Answer(launched.as_dict(), (told(launched.report),))


def _moved_by(
    remote: Remote, env: str, wish: Wish, pipeline: Sequence[Definition]
) -> Answer:
    """Have a controller take a run through `pipeline`."""
    _check_tags(wish.tags)
    config = {
        **wish.shift,
        "settings": settings_of(wish.settings),
        "tags": wish.tags,
        "expects": expected_version(wish.expects),
        "force": wish.force,
        "parameters": parameters_of(wish.parameters),
        "version": wish.version,
    }
    asked = {
        "model": wish.model,
        "environment": env,
        "logical_date": date_of(wish.date).isoformat(),
        "pipeline": "scoring" if pipeline is TO_PUBLISH else "training",
        "config": config,
    }
    with Terminal(PROGRESS) as terminal:
        return move(remote, asked, [step.name for step in pipeline], terminal)


def launch(
    workspace: Workspace, wish: Wish, pipeline: Sequence[Definition]
) -> Launched:
    """Build the model's image and take a run of it through `pipeline`."""
    with Terminal(PROGRESS) as terminal:
        declared = workspace.context(wish.model, terminal).shifted(wish.shift)
        context = with_settings(declared, wish.settings)
        expected = expected_version(wish.expects)
        expect_champion(context, expected)
        context = replace(context, expects=expected)
        deploys, scores = (pipeline[-1].name == end for end in ("deploy", "publish"))
        check_folder(context.folder, context.spec, deploys=deploys)
        opening = _opening(workspace, wish, "scoring" if scores else "training")
        version = version_to_score(context, wish.version).version if scores else None
        request = request_of(workspace, context, wish)
        kind = workspace.start_stack(terminal.say)
        image = workspace.build(wish.model, kind, terminal.say)
        environment = workspace.settings.environment
        context.objects.ensure_bucket(environment.bucket)
        asked = replace(
            request,
            image=Image(image.uri, image.runtime_digest, image.digest),
            version=version,
        )
        report = execute(context, asked, pipeline, opening)
        return Launched(context, image, report)


def request_of(workspace: Workspace, context: Context, wish: Wish) -> Request:
    """Return what a wish asks of a run, whose image is not known yet."""
    run_date = date_of(wish.date)
    given = parameters_of(wish.parameters)
    return Request(
        run_date=run_date,
        parameters=bind_parameters(context.spec.sql.parameters, given, run_date),
        image=Image("", ""),
        sources=read_sources(context),
        code_commit=workspace.commit(),
        salt=secrets.token_hex(8) if wish.force else "",
    )


def _opening(workspace: Workspace, wish: Wish, pipeline: str) -> Opening:
    """Return what the run is opened for, and the commit that it tries."""
    _check_tags(wish.tags)
    commit, committed_at = workspace.change(wish.model)
    return Opening(
        pipeline=pipeline,
        tags=wish.tags,
        code_commit=commit,
        committed_at=committed_at,
    )


def _check_tags(tags: Sequence[str]) -> None:
    for tag in tags:
        if not re.fullmatch(TAG, tag):
            message = f"--tag {tag!r} is not {WORDS[TAG]}, such as deeper"
            raise InvalidRequestError(message)


def expected_version(text: str) -> int | None:
    """Return the version that must serve; None: whichever does."""
    return whole_number("--expect-version", text) if text else None


def date_of(text: str) -> dt.date:
    """Return the date that `--date` says; empty: today, in UTC."""
    if not text:
        return dt.datetime.now(dt.UTC).date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        message = f"--date {text!r} is not a date such as 2026-01-31"
        raise InvalidRequestError(message) from error


def parameters_of(texts: Sequence[str]) -> dict[str, str]:
    """Return what `--param` says, `name=value` each."""
    return _pairs(texts, "--param", "name=value, such as as_of=2026-01-31")


def settings_of(texts: Sequence[str]) -> dict[str, str]:
    """Return what `--set` says, `key=value` each."""
    return _pairs(texts, "--set", "key=value, such as train.max_iterations=200")


def _pairs(texts: Sequence[str], option: str, shape: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            message = f"{option} {text!r} is not {shape}"
            raise InvalidRequestError(message)
        if name in pairs:
            message = f"{option} {name} is given twice: {pairs[name]!r}, then {value!r}"
            raise InvalidRequestError(message)
        pairs[name] = value
    return pairs
