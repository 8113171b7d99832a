"""The local stack, started and ended by hand."""

from slipway.application import local_stack
from slipway.application.workspace import Workspace
from slipway.tasks.command import Answer


def start() -> Answer:
    """Start the local stack, if it is not up."""
    settings = Workspace.open("local").settings
    found, started = local_stack.up(settings)
    state = "started" if started else "was up already"
    text = (
        f"The local stack {state}: {settings.endpoint_url}, process {found.pid},"
        f" jobs run by {found.executor}"
    )
    data = {
        "endpoint_url": settings.endpoint_url,
        "executor": found.executor,
        "pid": found.pid,
        "started": started,
    }
    return Answer(data, (text,))


def end() -> Answer:
    """End the local stack, if it is up."""
    ended = local_stack.down(Workspace.open("local").settings)
    text = (
        "The local stack is down" if ended else "No local stack of this checkout was up"
    )
    return Answer({"ended": ended}, (text,))
