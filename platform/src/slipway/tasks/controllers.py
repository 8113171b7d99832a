"""Who does what a command asks for: this process, or a controller over HTTP."""

import os
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Protocol

from slipway.application.here import Here
from slipway.application.remote import Remote
from slipway.application.workspace import Workspace
from slipway.errors import InvalidRequestError, shortened

#: The longest page that a controller answers.
_PAGE = 200
_WHOLE = re.compile(r"[0-9]{1,10}")
_LONGEST_SHOWN = 40


class Controller(Protocol):
    """Whoever does the actions of the table."""

    def ask(self, name: str, /, **said: Any) -> Any:
        """Do the action called `name`; return its view, or raise why it is refused."""


def controller_of(env: str, url: str) -> Controller:
    """Return the controller that `--controller` or its variable names, or this process."""
    remote = remote_of(env, url)
    return remote if remote is not None else Here(Workspace.open(env))


def remote_of(env: str, url: str) -> Remote | None:
    """Return the controller that is named; None: this process does it."""
    return Remote.of(url, os.environ, env)


def known_model(controller: Controller, model: str) -> str:
    """Return the model's name; raise without one, and for one that is not there."""
    if not model:
        known = [view.model for view in every(controller, "model.list")]
        message = (
            f"Which model? Give --model <name>. Known: {', '.join(known) or 'none yet'}"
        )
        raise InvalidRequestError(message)
    return str(controller.ask("model.show", model=model).model)


def some(controller: Controller, name: str, most: int, **said: Any) -> list[Any]:
    """Return the first `most` of a list."""
    said["limit"] = min(_PAGE, most)
    return list(islice(every(controller, name, **said), most))


def every(controller: Controller, name: str, **said: Any) -> Iterator[Any]:
    """Yield a list's items; the next page is asked for when it is reached."""
    cursor, limit = said.pop("cursor", None), said.pop("limit", _PAGE)
    while True:
        page = controller.ask(name, limit=limit, cursor=cursor, **said)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def whole_number(option: str, text: str) -> int:
    """Return the number that an option says, or raise."""
    if _WHOLE.fullmatch(text) is None:
        shown = shortened(text, _LONGEST_SHOWN)
        message = f"{option} {shown!r} is not a number such as 3"
        raise InvalidRequestError(message)
    return int(text)
