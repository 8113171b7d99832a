"""A controller over HTTP: asked by the same table of actions that it serves."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import orjson

from slipway.application.actions import ACTIONS_BY_NAME
from slipway.application.routes.action import Action
from slipway.application.views import View
from slipway.errors import InvalidRequestError, SlipwayError, UnavailableError

#: Name a controller, and the token that it is asked with.
URL_VARIABLE, TOKEN_VARIABLE = "SLIPWAY_CONTROLLER", "SLIPWAY_TOKEN"
#: Names the environment that is meant: a controller of another one refuses.
ENVIRONMENT_HEADER = "Slipway-Environment"
#: Seconds to wait for an answer: a collection may delete much.
_PATIENCE = 900
_SERVER_ERROR = 500


def _classes(top: type[SlipwayError]) -> Iterator[type[SlipwayError]]:
    yield top
    for kind in top.__subclasses__():
        yield from _classes(kind)


#: The error that each word of a refusal means.
_BY_CODE = {
    kind.code: kind
    for kind in _classes(SlipwayError)
    if kind.__module__ == SlipwayError.__module__
}


class _NoRedirect(HTTPRedirectHandler):
    """Follows no redirect: it would carry the token to another host."""

    def redirect_request(self, *_arguments: Any) -> None:
        """Leave the answer as it is: an error."""


_OPENER = build_opener(_NoRedirect)


@dataclass(frozen=True)
class Remote:
    """A controller's API, and as whom it is asked."""

    url: str
    token: str
    #: The environment that is meant; empty: whichever the controller serves.
    environment: str = ""

    @classmethod
    def of(
        cls, url: str, variables: Mapping[str, str], environment: str = ""
    ) -> Self | None:
        """Return the controller at `url`, or the variables'; None: neither names one."""
        found = url or variables.get(URL_VARIABLE, "")
        if not found:
            return None
        if urlsplit(found).scheme not in {"http", "https"}:
            said = "--controller" if url else URL_VARIABLE
            message = f"{said} {found!r} is no address such as http://127.0.0.1:5056"
            raise InvalidRequestError(message)
        token = variables.get(TOKEN_VARIABLE, "")
        return cls(found.rstrip("/"), token, environment)

    def ask(self, name: str, /, **said: Any) -> Any:
        """Do the action called `name`; return its view, or raise what it was refused with."""
        action = ACTIONS_BY_NAME[name]
        try:
            with _OPENER.open(self._request(action, said), timeout=_PATIENCE) as answer:
                return self._view(action, answer.read())
        except HTTPError as error:
            raise self._refusal(error) from error
        except (OSError, HTTPException) as error:
            message = f"The controller at {self.url} cannot be reached: {error}"
            raise UnavailableError(message) from error

    def _request(self, action: Action, said: Mapping[str, Any]) -> Request:
        empty = next((name for name in action.in_path if said[name] == ""), None)
        if empty is not None:
            message = f"Which {empty}? Give --{empty}"
            raise InvalidRequestError(message)
        in_path = {k: quote(str(said[k]), safe="") for k in action.in_path}
        rest = {k: _text(v) for k, v in said.items() if k not in in_path}
        rest = {k: v for k, v in rest.items() if v is not None}
        url, content = f"{self.url}/v1{action.path.format(**in_path)}", None
        if action.method == "POST":
            content = orjson.dumps(rest)
        elif rest:
            url += f"?{urlencode(rest)}"
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
        }
        if self.environment:
            headers[ENVIRONMENT_HEADER] = self.environment
        return Request(url, content, headers, method=action.method)  # noqa: S310 - as above

    def _view(self, action: Action, content: bytes) -> View:
        try:
            return action.answers.model_validate_json(content)
        except ValueError as error:
            message = f"{self.url} answered something else: it is no such controller"
            raise UnavailableError(message) from error

    def _refusal(self, error: HTTPError) -> SlipwayError:
        """Return the error that a command would have raised here, by its word."""
        try:
            problem = orjson.loads(error.read())
            code, detail = str(problem["code"]), str(problem["detail"])
        except (ValueError, KeyError, TypeError):
            message = f"{self.url} answered {error.code}: it is no such controller"
            return UnavailableError(message)
        unknown = UnavailableError if error.code >= _SERVER_ERROR else SlipwayError
        kind = _BY_CODE.get(code, unknown)
        return kind(f"The controller at {self.url}: {detail}")


def _text(value: Any) -> Any:
    """Return a moment as a request says it."""
    return value.isoformat() if isinstance(value, dt.datetime) else value
