"""Runs, opened as they are asked for: checked and frozen, nothing built."""

import datetime as dt
import secrets
from dataclasses import replace

from slipway.application.requests import RunAsked, frozen_facts
from slipway.application.runs import run_view
from slipway.application.views import RunView
from slipway.application.workspace import Workspace
from slipway.controller.champions import expect_champion
from slipway.controller.context import Context, Image, Request
from slipway.controller.frozen import Opening, read_sources, thawed
from slipway.controller.opening import open_run
from slipway.controller.orm import Run
from slipway.controller.overrides import with_settings
from slipway.controller.preflight import check_folder
from slipway.controller.versions import (
    check_may_serve,
    version_of,
    version_to_score,
)
from slipway.digests import digest_of
from slipway.errors import (
    ConflictError,
    InvalidRequestError,
    SpecChangedError,
    suggestion,
)
from slipway.spec import bind_parameters

#: What of a request is about the endpoint.
_SERVING = ("strategy", "canary_percent", "step_percent", "bake_seconds", "expects")


def open_asked_run(workspace: Workspace, asked: RunAsked) -> tuple[RunView, bool]:
    """Open a run with everything frozen, or return the one that the key opened.

    Its image is named by what goes into it, and built by the worker that takes its first
    step: whoever opens a run waits for no build.
    """
    _check_environment(workspace, asked)
    found = workspace.store.records.run_of_key(
        workspace.settings.environment.name, asked.key or ""
    )
    if found is not None:
        _check_same(found, asked)
        return run_view(workspace, found), False
    context, request = asked_for(workspace, asked)
    context.objects.ensure_bucket(workspace.settings.environment.bucket)
    run, opened = open_run(context, request, _opening(workspace, asked))
    return run_view(workspace, run), opened


def asked_for(workspace: Workspace, asked: RunAsked) -> tuple[Context, Request]:
    """Return what a run is asked for, checked; nothing is built or written."""
    context = _context(workspace, asked)
    if asked.config.version is not None and asked.pipeline == "training":
        return _as_made(context, asked)
    return context, _request(workspace, context, asked)


def _request(workspace: Workspace, context: Context, asked: RunAsked) -> Request:
    """Return what a run of the model's folder as it is now is asked for."""
    scores, run_date = asked.pipeline == "scoring", _date(asked)
    deploys = not scores and context.spec.mode == "endpoint"
    check_folder(context.folder, context.spec, deploys=deploys)
    number = asked.config.version
    version = version_to_score(context, number).version if scores else None
    image = workspace.image_of(asked.model, workspace.image_kind())
    declared = context.spec.sql.parameters
    return Request(
        run_date=run_date,
        parameters=bind_parameters(declared, asked.config.parameters, run_date),
        image=Image(image.uri, image.runtime_digest, image.digest),
        sources=read_sources(context),
        code_commit=workspace.commit(),
        salt=_salt(asked),
        version=version,
    )


def _as_made(context: Context, asked: RunAsked) -> tuple[Context, Request]:
    """Return what the run that made a version was opened with, to serve it again.

    Its steps are found done; only the way that the traffic shifts is today's.
    """
    config = asked.config
    given = ("parameters", "hyperparameters", "settings", "force")
    changed = [name for name in given if getattr(config, name)]
    if changed:
        message = (
            f"config.version {config.version} serves what its own run made:"
            f" config.{changed[0]} would make another. Leave one of them out"
        )
        raise InvalidRequestError(message)
    version = version_of(context, config.version or 0)
    check_may_serve(version)
    run = context.store.records.run(version.run_id)
    if run is None:  # never: a version's run is kept
        raise ConflictError(version.run_id)
    then, request = thawed(context, run)
    then = then.shifting(context.spec.endpoint.deployment)
    then = replace(then, expects=config.expects)
    return then, replace(request, version=version.version)


def _opening(workspace: Workspace, asked: RunAsked) -> Opening:
    commit, committed_at = workspace.change(asked.model)
    return Opening(
        key=asked.key or "",
        pipeline=asked.pipeline,
        facts=frozen_facts(asked),
        tags=tuple(filter(None, (asked.config.tag, *asked.config.tags))),
        code_commit=commit,
        committed_at=committed_at,
    )


def _context(workspace: Workspace, asked: RunAsked) -> Context:
    """Return the model's context, with what the run has otherwise than its files say."""
    declared = workspace.declared(asked.model).spec
    current = digest_of(declared.model_dump(mode="json"))
    if asked.spec_digest and asked.spec_digest != current:
        message = (
            f"models/{asked.model}/model.yaml is not the one that the caller was made"
            f" from: it is {current[:19]}…, not {asked.spec_digest[:19]}…. Render the"
            " DAGs again: invoke dag.render"
        )
        raise SpecChangedError(message)
    context = workspace.context(asked.model)
    spec, given = context.spec, asked.config.hyperparameters
    unknown = [name for name in given if name not in spec.hyperparameters]
    if unknown:
        known = suggestion(unknown[0], spec.hyperparameters)
        message = f"{unknown[0]!r} is not a hyperparameter of {asked.model}.{known}"
        raise InvalidRequestError(message)
    laid = {**spec.hyperparameters, **given}
    context = replace(context, spec=spec.model_copy(update={"hyperparameters": laid}))
    config = asked.config
    texts = [f"{key}={value}" for key, value in config.settings.items()]
    made = with_settings(context.shifted(config.shift), texts)
    expect_champion(made, config.expects)
    return replace(made, expects=config.expects)


def _check_environment(workspace: Workspace, asked: RunAsked) -> None:
    name = workspace.settings.environment.name
    if asked.environment not in {None, name}:
        message = (
            f"This controller serves the environment {name!r}, not"
            f" {asked.environment!r}: ask that environment's own"
        )
        raise InvalidRequestError(message)
    given = [name for name in _SERVING if getattr(asked.config, name) is not None]
    if given and asked.pipeline == "scoring":
        message = (
            f"config.{given[0]} is about what an endpoint serves: a scoring run changes"
            " none. Leave it out, or ask for the pipeline 'training'"
        )
        raise InvalidRequestError(message)


def _check_same(run: Run, asked: RunAsked) -> None:
    """Refuse a key that was used for something else."""
    kept = {
        "model": run.model,
        "pipeline": run.parameters.get("pipeline"),
        "logical_date": run.run_date,
    }
    wanted = {
        "model": asked.model,
        "pipeline": asked.pipeline,
        "logical_date": _date(asked, run.run_date),
    }
    if run.parameters.get("version") and asked.pipeline == "training":
        kept["logical_date"] = wanted["logical_date"]  # it has its version's own
    for name, value in wanted.items():
        if kept[name] != value:
            message = (
                f"The key {asked.key!r} opened run {run.run_id} with {name} {kept[name]},"
                f" not {value}: give another key"
            )
            raise ConflictError(message)


def _date(asked: RunAsked, default: dt.date | None = None) -> dt.date:
    given = asked.logical_date
    if isinstance(given, dt.datetime):
        return given.astimezone(dt.UTC).date()
    return given or default or dt.datetime.now(dt.UTC).date()


def _salt(asked: RunAsked) -> str:
    return secrets.token_hex(8) if asked.config.force else ""
