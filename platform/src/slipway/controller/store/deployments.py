"""Deployment rows: what people decide of them, and their end with the champion's."""

from collections.abc import Collection, Iterator
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import Deployment, ModelVersion
from slipway.controller.states import CHARTS
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store.store import Store
from slipway.errors import ConflictError

#: How often a decision is written that others overtake.
_TRIES = 50
_LONGEST_REASON = 1024


def begin(store: Store, wanted: Deployment, fitting: Collection[str]) -> Deployment:
    """Write a deployment of a version whose state is `fitting`, and stays so meanwhile.

    ConflictError when somebody refused the version since it was read.
    """
    with store.changing() as changes:
        version = select(ModelVersion.state).where(
            ModelVersion.environment == wanted.environment,
            ModelVersion.model == wanted.model,
            ModelVersion.version == wanted.version,
        )
        state = changes.connection.scalar(version.with_for_update(read=True))
        if state not in fitting:
            message = (
                f"Version {wanted.version} of {wanted.model} is {state} by now, and may"
                f" not serve. See why: invoke versions --model {wanted.model}"
            )
            raise ConflictError(message)
        return changes.insert(wanted)


def decide(store: Store, deployment: Deployment, word: str, reason: str) -> Deployment:
    """Write what a person says of an unfinished deployment, whoever moves it.

    ConflictError when it ended meanwhile.
    """
    said = spoken(store, word, reason)
    for current in _looks(store, deployment):
        if current.state not in CHARTS["deployment"].unfinished:
            break
        with suppress(ConflictError):
            return store.amend(current, decision=word, decision_reason=said)
    message = (
        f"The deployment of version {deployment.version} ended meanwhile: it is"
        f" {store.records.deployment(deployment.id).state}"
    )
    raise ConflictError(message)


def spoken(store: Store, word: str, reason: str) -> str:
    """Return what is kept of a person's word: what, who and why, as far as it fits."""
    return f"{word} by {store.actor}: {reason}"[:_LONGEST_REASON]


def hand_over(store: Store, deployment: Deployment, *, asked: bool) -> Deployment:
    """Write whether a worker carries a deployment out, whoever moves it."""
    for current in _looks(store, deployment):
        if current.asked is asked:
            return current
        with suppress(ConflictError):
            return store.amend(current, asked=asked)
    message = f"The deployment of version {deployment.version} is changed by others: ask again"
    raise ConflictError(message)


def _looks(store: Store, deployment: Deployment) -> Iterator[Deployment]:
    """Yield the row as it is, again and again while others change it first."""
    for _ in range(_TRIES):
        yield store.records.deployment(deployment.id)


def reject(store: Store, version: ModelVersion, reason: str) -> ModelVersion:
    """Refuse a version that no unfinished deployment is about; ConflictError for others."""
    with store.changing() as changes:
        rejected = changes.advance(version, "reject", reason)
        rolled_out = changes.connection.scalar(
            select(Deployment.endpoint_name).where(
                Deployment.environment == version.environment,
                Deployment.model == version.model,
                Deployment.version == version.version,
                Deployment.state.in_(CHARTS["deployment"].unfinished),
            )
        )
        if rolled_out is not None:
            message = (
                f"Version {version.version} of {version.model} is rolled out to"
                f" {rolled_out} now, and stays {version.state}. End that first:"
                f" invoke rollback --model {version.model}"
            )
            raise ConflictError(message)
        return rejected


def conclude(
    store: Store, deployment: Deployment, version: ModelVersion, digest: str
) -> Deployment:
    """End a verified deployment and move the champion pointer, in one transaction.

    ConflictError when somebody else moved either since it was read.
    """
    versions = store.records.versions(version.model, version.environment)
    reason = deployment.decision_reason or f"deployment {deployment.id} verified"
    try:
        with store.changing() as changes:
            for other in versions:
                if other.state == CHAMPION and other.id != version.id:
                    changes.advance(other, "supersede", reason)
            current = next(other for other in versions if other.id == version.id)
            if current.state != CHAMPION:
                changes.advance(current, "promote", reason)
            return changes.advance(deployment, "succeed", reason, image_digest=digest)
    except IntegrityError as error:
        message = (
            f"Another version of {version.model} became its champion meanwhile: look"
            f" again with invoke status --model {version.model}"
        )
        raise ConflictError(message) from error
