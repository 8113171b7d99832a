"""The way back: an endpoint made to serve what it served before a deployment."""

from slipway.controller.context import Context
from slipway.controller.endpoints import Change, change_endpoint, serves, settled
from slipway.controller.hosting import STEP, is_given_up
from slipway.controller.orm import Deployment
from slipway.controller.rollout.watch import Watch
from slipway.controller.serving import endpoint_name
from slipway.errors import InvalidRequestError, StepFailedError
from slipway.payloads.deployment import deployment_config
from slipway.spec import DeploymentPolicy

#: How often the previous config is asked for: others may change the endpoint too.
_TRIES = 3
#: Back means at once: nothing is watched on the way to what served well.
_AT_ONCE = deployment_config(DeploymentPolicy(alarms=()), ())


def before(context: Context, live: str) -> tuple[str, int]:
    """Return the config that served before `live`, and its version.

    Raise InvalidRequestError where there is none that can serve again.
    """
    name, model = endpoint_name(context), context.spec.name
    records = context.store.records
    previous = records.way_back(name, live) if live else ""
    by_number = f"invoke promote --model {model} --version"
    if not previous:
        state = f"serves {live!r}, and nothing before it" if live else "is not there"
        message = (
            f"The endpoint {name!r} {state} is known: there is nothing to go back to."
            f" Name a version: {by_number} N"
        )
        raise InvalidRequestError(message)
    number = records.version_of_config(name, previous)
    if not number:
        message = (
            f"The endpoint {name!r} served {previous!r} before, which somebody made by"
            f" hand: it is no version of {model}. Name one: {by_number} N"
        )
        raise InvalidRequestError(message)
    if not _is_kept(context, previous):
        message = (
            f"The endpoint config {previous!r} is gone: it was collected, or deleted by"
            f" hand. Make it anew: {by_number} {number}"
        )
        raise InvalidRequestError(message)
    return previous, number


def _is_kept(context: Context, config_name: str) -> bool:
    """Tell whether a config is there, and nobody began to delete it."""
    made = context.store.records.operation_named("endpoint_config", config_name)
    if made is not None and is_given_up(context, made.key):
        return False
    return context.gateway.describe("endpoint_config", config_name) is not None


def serve_again(context: Context, deployment: Deployment) -> int:
    """Make the endpoint serve the config before a deployment; return its version.

    A shift that is under way is stopped: SageMaker takes it back by itself. 0: the
    config is none of a version's.
    """
    name, previous = deployment.endpoint_name, deployment.previous_config_name
    for attempt in range(1, _TRIES + 1):
        seen = context.gateway.describe("endpoint", name)
        if seen is not None and seen.status == "Updating":
            Watch(context, deployment).stop(deployment.reason or "it goes back")
        seen = settled(context, name)
        if serves(seen, previous):
            return context.store.records.version_of_config(name, previous)
        context.observer.step_status(STEP, f"going back to {previous}")
        change = Change(previous, f"roll-back-{attempt}", _AT_ONCE)
        change_endpoint(context, deployment, change)
    message = (
        f"The endpoint {name!r} does not serve {previous!r} again: it was asked for"
        f" {_TRIES} times. The config is kept; see invoke logs --model {deployment.model}"
    )
    raise StepFailedError(message)
