"""Runs: opened once, listed, looked at, ended."""

import datetime as dt
import secrets
from dataclasses import replace

from slipway.application.listing import listed
from slipway.application.requests import (
    RunAsked,
    RunEnded,
    RunNamed,
    RunPageAsked,
    frozen_facts,
)
from slipway.application.steps import known_run, step_view
from slipway.application.views import Page, RunView
from slipway.application.workspace import Workspace
from slipway.controller.context import Context, Image, Request
from slipway.controller.frozen import Opening, read_sources
from slipway.controller.opening import open_run
from slipway.controller.orm import Run
from slipway.controller.preflight import check_folder
from slipway.controller.runs import end_run
from slipway.controller.versions import numbered, version_to_score
from slipway.digests import digest_of
from slipway.errors import (
    ConflictError,
    IllegalTransitionError,
    InvalidRequestError,
    SpecChangedError,
    suggestion,
)
from slipway.images.tool import silent
from slipway.spec import bind_parameters


def open_asked_run(workspace: Workspace, asked: RunAsked) -> tuple[RunView, bool]:
    """Open a run with everything frozen, or return the one that the key opened."""
    _check_environment(workspace, asked)
    run_date = _date(asked)
    found = workspace.store.records.run_of_key(
        workspace.settings.environment.name, asked.key or ""
    )
    if found is not None:
        _check_same(found, asked)
        return run_view(workspace, found), False
    context = _context(workspace, asked)
    scores = asked.pipeline == "scoring"
    check_folder(context.folder, context.spec, deploys=not scores)
    declared = context.spec.sql.parameters
    parameters = bind_parameters(declared, asked.config.parameters, run_date)
    number = asked.config.version
    version = version_to_score(context, number).version if scores else None
    image = workspace.build(asked.model, workspace.image_kind(), silent)
    context.objects.ensure_bucket(workspace.settings.environment.bucket)
    request = Request(
        run_date=run_date,
        parameters=parameters,
        image=Image(image.uri, image.runtime_digest, image.digest),
        sources=read_sources(context),
        code_commit=workspace.commit(),
        salt=secrets.token_hex(8) if asked.config.force else "",
        version=version,
    )
    commit, committed_at = workspace.change(asked.model)
    opening = Opening(
        key=asked.key or "",
        pipeline=asked.pipeline,
        facts=frozen_facts(asked),
        tags=(asked.config.tag,) if asked.config.tag else (),
        code_commit=commit,
        committed_at=committed_at,
    )
    run, opened = open_run(context, request, opening)
    return run_view(workspace, run), opened


def list_runs(workspace: Workspace, asked: RunPageAsked) -> Page[RunView]:
    """Return runs, the newest first."""
    return listed(workspace, asked, Run, lambda run: run_view(workspace, run))


def show_run(workspace: Workspace, asked: RunNamed) -> RunView:
    """Return a run with its steps."""
    return run_view(workspace, known_run(workspace, asked.run_id))


def end_asked_run(workspace: Workspace, asked: RunEnded) -> RunView:
    """Say how a run ended; its steps and its version tell failed from rejected."""
    run = known_run(workspace, asked.run_id)
    steps = workspace.store.records.steps(run.run_id)
    under_way = [s.name for s in steps if s.state in {"queued", "running", "stopping"}]
    if under_way:
        message = (
            f"Run {run.run_id} cannot end: {', '.join(under_way)} is under way. Wait for"
            " it, or stop it"
        )
        raise IllegalTransitionError(message)
    states = {step.state for step in steps}
    trigger = "succeed" if asked.state == "succeeded" else "fail"
    if trigger == "succeed" and states - {"succeeded"}:
        bad = [f"{s.name} {s.state}" for s in steps if s.state != "succeeded"]
        message = f"Run {run.run_id} cannot succeed: {', '.join(bad)}. End it as failed"
        raise IllegalTransitionError(message)
    if trigger == "fail" and ("rejected" in states or _refused(workspace, run)):
        trigger = "reject"
    if run.state in {"failed", "rejected"} and trigger != "succeed":
        return run_view(workspace, run)
    ended = end_run(workspace.store, run, trigger, asked.reason)
    return run_view(workspace, ended)


def _refused(workspace: Workspace, run: Run) -> bool:
    """Tell whether a person refused the version that the run registered."""
    step = workspace.store.records.step(run.run_id, "register")
    if step is None or step.state != "succeeded":
        return False
    number = step.outputs["version"]
    found = numbered(workspace.store.records, run.model, run.environment, number)
    return found.state == "rejected"


def run_view(workspace: Workspace, run: Run) -> RunView:
    """Return a run as it is answered."""
    steps = workspace.store.records.steps(run.run_id)
    return RunView(
        run_id=run.run_id,
        key=run.key,
        model=run.model,
        environment=run.environment,
        pipeline=run.parameters.get("pipeline", "training"),
        state=run.state,
        reason=run.reason,
        run_date=run.run_date,
        parameters=run.parameters,
        steps=[step_view(workspace, step) for step in steps],
        created_at=run.created_at,
        changed_at=run.changed_at,
    )


def _context(workspace: Workspace, asked: RunAsked) -> Context:
    """Return the model's context, with the hyperparameters that were asked for."""
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
    return replace(context, spec=spec.model_copy(update={"hyperparameters": laid}))


def _check_environment(workspace: Workspace, asked: RunAsked) -> None:
    name = workspace.settings.environment.name
    if asked.environment not in {None, name}:
        message = (
            f"This controller serves the environment {name!r}, not"
            f" {asked.environment!r}: ask that environment's own"
        )
        raise InvalidRequestError(message)
    if asked.config.canary_percent is not None:
        message = (
            "config.canary_percent is not offered yet: a run's deploy step is blue/green."
            " Leave it out"
        )
        raise InvalidRequestError(message)
    if asked.config.version is not None and asked.pipeline != "scoring":
        message = (
            "config.version names the version of a scoring run: a training makes its own."
            " Leave it out, or ask for the pipeline 'scoring'"
        )
        raise InvalidRequestError(message)


def _check_same(run: Run, asked: RunAsked) -> None:
    """Refuse a key that was used for something else."""
    kept = (run.model, run.parameters.get("pipeline"), run.run_date)
    wanted = (asked.model, asked.pipeline, _date(asked, run.run_date))
    if kept != wanted:
        message = (
            f"The key {asked.key!r} opened run {run.run_id} of {kept[0]}, {kept[1]},"
            f" {kept[2]}; this asks for {wanted[0]}, {wanted[1]}, {wanted[2]}: give"
            " another key"
        )
        raise ConflictError(message)


def _date(asked: RunAsked, default: dt.date | None = None) -> dt.date:
    given = asked.logical_date
    if isinstance(given, dt.datetime):
        return given.astimezone(dt.UTC).date()
    return given or default or dt.datetime.now(dt.UTC).date()
