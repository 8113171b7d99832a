"""The client of a local server's fault switches."""

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import requests

from slipway.errors import InvalidRequestError
from slipway.sagemaker_local.fault_switches.admin import PATH
from slipway.sagemaker_local.fault_switches.rules import Rule
from slipway.sagemaker_local.fault_switches.switches import SeenCall

_TIMEOUT = 60
_OK = 200


@dataclass(frozen=True)
class Firing:
    """A rule in force, and how often it has been at work."""

    rule: Rule
    #: Calls that it is about.
    matched: int
    #: Calls that it struck.
    fired: int


class FaultClient:
    """Arms faults of a server that runs with `--fault-switches`, and reads its log."""

    def __init__(self, url: str) -> None:
        self._url = url + PATH
        self._session = requests.Session()

    def arm(self, *rules: Rule) -> None:
        """Put rules in force, behind those that are."""
        self._asked("POST", {"rules": [rule.json() for rule in rules]})

    def clear(self) -> None:
        """Forget every rule and every call; what is being delayed goes on at once."""
        self._asked("DELETE")

    def replace(self, *rules: Rule) -> None:
        """Put rules in the place of all others; what those delay goes on under these."""
        self._asked("PUT", {"rules": [rule.json() for rule in rules]})

    @contextlib.contextmanager
    def during(self, *rules: Rule) -> Iterator[None]:
        """Hold rules in force for a while; nothing of them, or of the log, is left."""
        self.arm(*rules)
        try:
            yield
        finally:
            self.clear()

    def rules(self) -> list[Firing]:
        """Return the rules in force, in the order in which they are asked."""
        return [
            Firing(Rule.of_json(each["rule"]), each["matched"], each["fired"])
            for each in self._asked("GET")["rules"]
        ]

    def fired(self) -> int:
        """Return how often the rules in force struck, all together."""
        return sum(each.fired for each in self.rules())

    def calls(self, operation: str = "*", name: str = "*") -> list[SeenCall]:
        """Return the mutating calls that the server saw, by patterns, oldest first."""
        seen = [SeenCall(**each) for each in self._asked("GET")["calls"]]
        return [
            call
            for call in seen
            if fnmatchcase(call.operation, operation) and fnmatchcase(call.name, name)
        ]

    def _asked(self, method: str, body: object = None) -> Mapping[str, Any]:
        answer = self._session.request(method, self._url, json=body, timeout=_TIMEOUT)
        content: Mapping[str, Any] = answer.json()
        if answer.status_code != _OK:
            raise InvalidRequestError(content["message"])
        return content
