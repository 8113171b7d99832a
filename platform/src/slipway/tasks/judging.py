"""A person's word on a version: it may serve, or it may not."""

from dataclasses import dataclass

from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, known_model

#: What each verdict says.
_SAID = {"approve": "is approved: it may serve", "reject": "is rejected"}


@dataclass(frozen=True)
class Verdict:
    """What a person says of a version."""

    #: `approve` or `reject`.
    word: str
    model: str
    version: int
    reason: str


def judge_version(controller: Controller, verdict: Verdict) -> Answer:
    """Keep a person's word on a version."""
    if not verdict.reason.strip():
        message = "--reason is missing: say why, for those who ask later"
        raise InvalidRequestError(message)
    model = known_model(controller, verdict.model)
    asked = {"version": verdict.version, "reason": verdict.reason}
    view = controller.ask(f"version.{verdict.word}", model=model, **asked)
    text = f"{model} version {view.version} {_SAID[verdict.word]}: {verdict.reason}"
    return Answer(view.model_dump(mode="json"), (text,))
