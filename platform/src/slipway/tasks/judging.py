"""A person's word on a version: it may serve, or it may not."""

import os
from dataclasses import dataclass

from slipway.application.remote import Remote
from slipway.application.requests import VersionJudged
from slipway.application.versions import approve_version, reject_version
from slipway.application.workspace import Workspace
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.controlling import asked_by

#: What each verdict calls here, and what it says.
_HERE = {"approve": approve_version, "reject": reject_version}
_SAID = {"approve": "is approved: it may serve", "reject": "is rejected"}


@dataclass(frozen=True)
class Verdict:
    """What a person says of a version."""

    #: `approve` or `reject`.
    word: str
    model: str
    version: int
    reason: str


def judge_version(env: str, verdict: Verdict, controller: str) -> Answer:
    """Keep a person's word on a version, here or by a controller."""
    if not verdict.reason.strip():
        message = "--reason is missing: say why, for those who ask later"
        raise InvalidRequestError(message)
    asked = asked_by(
        VersionJudged,
        model=verdict.model,
        version=verdict.version,
        reason=verdict.reason,
    )
    remote = Remote.of(controller, os.environ)
    view = (
        remote.ask(f"version.{verdict.word}", **asked.model_dump())
        if remote is not None
        else _HERE[verdict.word](Workspace.open(env), asked)
    )
    text = f"{view.model} version {view.version} {_SAID[verdict.word]}: {asked.reason}"
    return Answer(view.model_dump(mode="json"), (text,))
