"""Versions and runs, retired: a tombstone in S3 first, the database next."""

from dataclasses import replace

import orjson

from slipway.controller.claims import Waiting
from slipway.controller.context import Context
from slipway.controller.estate import Estate
from slipway.controller.exclusive import moving
from slipway.controller.garbage.references import References, live
from slipway.controller.leased import run_lease
from slipway.controller.orm import ModelVersion, Run
from slipway.controller.states import CHARTS
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.states.pipeline import RETIRED
from slipway.controller.store import Store
from slipway.controller.store.remains import Remains
from slipway.controller.versions import numbered
from slipway.errors import ConflictError, InvalidRequestError
from slipway.s3.uri import S3Uri

#: The kinds of tombstones, as S3's keys spell them.
VERSION, RUN = "version", "run"


def retire_version(
    estate: Estate, model: str, number: int, reason: str, waiting: Waiting
) -> ModelVersion:
    """Say for good that a version may not serve again; return it.

    What serves, is rolled out, or can be gone back to, is refused. Given again it writes
    what is missing.
    """
    with moving(estate.mover(model), waiting) as held:
        return bury_version(replace(estate, store=held.store), model, number, reason)


def bury_version(estate: Estate, model: str, number: int, reason: str) -> ModelVersion:
    """Retire a version, by whoever holds its model."""
    store = estate.store
    version = numbered(store.records, model, estate.environment, number)
    if version.state != RETIRED:
        _check_version(estate, store, version)
    tombstone = estate.layout(model).tombstone(VERSION, str(number))
    _bury(estate, store, tombstone, model=model, reason=reason)
    if version.state == RETIRED:
        return version
    return store.advance(version, "retire", reason)


def retire_run(estate: Estate, run_id: str, reason: str, waiting: Waiting) -> Run:
    """Say for good that what a run wrote is not needed; return it.

    A run that goes on is refused, and one whose version serves or can be gone back to.
    """
    model = _run(estate.store, estate.environment, run_id).model
    own = estate.leasing(run_lease(estate.environment, model, run_id))
    with (
        moving(own, waiting) as mine,
        moving(replace(estate.mover(model), store=mine.store), waiting) as held,
    ):
        store = held.store
        run = _run(store, estate.environment, run_id)
        if run.state != RETIRED:
            _check_run(estate, store, run)
        tombstone = estate.layout(model).tombstone(RUN, run_id)
        _bury(estate, store, tombstone, model=model, reason=reason)
        if run.state == RETIRED:
            return run
        return store.advance(run, "retire", reason)


def check_not_retired(context: Context, version: ModelVersion) -> None:
    """Refuse to deploy a version that a tombstone names."""
    tombstone = context.layout.tombstone(VERSION, str(version.version))
    if version.state != RETIRED and not context.objects.exists(tombstone):
        return
    message = (
        f"Version {version.version} of {version.model} is retired"
        f"{_why(version.reason if version.state == RETIRED else '')}: it may not serve"
        f" again. Train another: invoke deploy --model {version.model} with new data or"
        " code"
    )
    raise InvalidRequestError(message)


def _bury(
    estate: Estate, store: Store, tombstone: S3Uri, *, model: str, reason: str
) -> None:
    """Write a tombstone, once: the first reason stays.

    ConflictError when what is there is no tombstone of this model: nothing is retired.
    """
    content = {
        "environment": estate.environment,
        "model": model,
        "reason": reason,
        "actor": store.actor,
        "at": store.now().isoformat(),
    }
    if estate.objects.write_once(tombstone, content):
        return
    if not _is_of(estate, model, tombstone):
        message = (
            f"{tombstone} is not a tombstone of {model!r}: nothing was written over, and"
            " nothing retired. Move it away, then give the same command again"
        )
        raise ConflictError(message)


def _is_of(estate: Estate, model: str, tombstone: S3Uri) -> bool:
    """Tell whether what is there is a tombstone of the model."""
    try:
        found = estate.objects.read_json(tombstone)
        return bool(
            (found["environment"], found["model"]) == (estate.environment, model)
        )
    except (orjson.JSONDecodeError, TypeError, KeyError):
        return False


def _check_version(estate: Estate, store: Store, version: ModelVersion) -> None:
    """Refuse what serves, and what a deployment is about."""
    number, model = version.version, version.model
    if version.state == CHAMPION:
        message = (
            f"Version {number} of {model} is its champion: it serves, and cannot be"
            f" retired. Deploy another first: invoke deploy --model {model}"
        )
        raise InvalidRequestError(message)
    remains = Remains(store.database, estate.environment, model)
    for deployment in remains.deployments():
        unfinished = deployment.state in CHARTS["deployment"].unfinished
        if unfinished and deployment.version == number:
            message = (
                f"Version {number} of {model} is rolled out to"
                f" {deployment.endpoint_name}: the deployment is {deployment.state}."
                f" See it through first: invoke status --model {model}"
            )
            raise InvalidRequestError(message)
    _check_live(live(estate, model), version)


def _check_run(estate: Estate, store: Store, run: Run) -> None:
    if run.state in CHARTS["run"].unfinished:
        message = (
            f"Run {run.run_id} of {run.model} is {run.state}: it may need what it wrote."
            f" Stop it first: invoke stop --model {run.model}"
        )
        raise InvalidRequestError(message)
    needed = live(estate, run.model)
    for version in store.records.versions(run.model, run.environment):
        if version.run_id != run.run_id:
            continue
        if version.state == CHAMPION:
            message = (
                f"Run {run.run_id} made version {version.version} of {run.model}, its"
                " champion: it cannot be retired while that serves"
            )
            raise InvalidRequestError(message)
        _check_live(needed, version)


def _check_live(needed: References, version: ModelVersion) -> None:
    if why := needed.artifacts.get(version.artifact_uri):
        message = (
            f"Version {version.version} of {version.model} cannot be retired: {why}."
            f" Deploy another first: invoke deploy --model {version.model}"
        )
        raise InvalidRequestError(message)


def _run(store: Store, environment: str, run_id: str) -> Run:
    run = store.records.run(run_id)
    if run is None or run.environment != environment:
        message = f"No run {run_id!r} is known in {environment}. See: invoke status"
        raise InvalidRequestError(message)
    return run


def _why(reason: str) -> str:
    return f" ({reason})" if reason else ""
