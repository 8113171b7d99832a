"""The controller's REST API started and ended, and its tokens."""

import datetime as dt

from slipway.application import instance
from slipway.application.ports import chosen_port
from slipway.application.workspace import Workspace
from slipway.errors import InvalidRequestError
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, every
from slipway.tasks.terminal import table


def start(env: str, port: int, workers: int) -> Answer:
    """Start the API, if it is not up."""
    workspace = Workspace.open(env)
    asked = port or chosen_port(instance.PORT_VARIABLE, instance.PORT)
    found, started = instance.up(workspace, asked, workers)
    kept = instance.token_file(workspace.settings)
    state = "started" if started else "was up already"
    text = (
        f"The controller {state}: {found.url}, process {found.pid}."
        f" An admin's token is in {kept}"
    )
    data = {
        "url": found.url,
        "pid": found.pid,
        "started": started,
        "token_file": str(kept),
    }
    return Answer(data, (text,))


def end(env: str) -> Answer:
    """End the API, if it is up."""
    ended = instance.down(Workspace.open(env).settings)
    text = (
        "The controller is down" if ended else "No controller of this checkout was up"
    )
    return Answer({"ended": ended}, (text,))


def make_token(controller: Controller, name: str, role: str, expires: str) -> Answer:
    """Make a token and show its secret."""
    asked = {"name": name, "role": role, "expires_at": _expiry(expires)}
    made = controller.ask("token.create", **asked)
    text = f"{made.secret}\nThe token {made.name!r} ({made.role}) is shown only now"
    return Answer(made.model_dump(mode="json"), (text,))


def show_tokens(controller: Controller) -> Answer:
    """List every token, the oldest first."""
    found = [*every(controller, "token.list")][::-1]
    rows = [
        (
            t.name,
            t.role,
            f"{t.created_at:%Y-%m-%d}",
            _ending(t.expires_at, t.revoked_at),
        )
        for t in found
    ]
    data = [token.model_dump(mode="json", exclude={"secret"}) for token in found]
    return Answer({"tokens": data}, (table(("token", "role", "made", "ends"), rows),))


def end_token(controller: Controller, name: str) -> Answer:
    """End a token."""
    ended = controller.ask("token.revoke", name=name)
    data = ended.model_dump(mode="json", exclude={"secret"})
    return Answer(data, (f"The token {ended.name!r} is refused from now on",))


def _expiry(text: str) -> dt.datetime | None:
    """Return the end of the last day that a token is good for."""
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError as error:
        message = f"--expires {text!r} is not a date such as 2026-12-31"
        raise InvalidRequestError(message) from error
    return dt.datetime.combine(day, dt.time.max, dt.UTC)


def _ending(expires: dt.datetime | None, revoked: dt.datetime | None) -> str:
    if revoked is not None:
        return f"revoked {revoked:%Y-%m-%d}"
    return f"{expires:%Y-%m-%d}" if expires is not None else "never"
