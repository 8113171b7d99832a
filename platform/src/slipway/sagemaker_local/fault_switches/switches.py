"""The rules in force, how often each has fired, and the calls that were seen."""

import random
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from slipway.errors import InvalidRequestError, suggestion
from slipway.sagemaker_local.fault_switches.calls import Call
from slipway.sagemaker_local.fault_switches.kinds import KINDS, Occasion, Point
from slipway.sagemaker_local.fault_switches.rules import Rule
from slipway.sagemaker_local.fault_switches.veil import Veil

_LONGEST_LOG = 100_000


@dataclass(frozen=True)
class SeenCall:
    """One mutating call, as the server saw it."""

    service: str
    operation: str
    name: str
    #: Seconds since the epoch.
    at: float
    #: Of the answer; empty where there was none.
    request_id: str
    #: The client's own mark: the same one for all retries of a call.
    invocation: str
    #: HTTP's; 0 where no answer left.
    status: int
    #: The operation was carried out, whatever was answered.
    executed: bool


class _Armed:
    """A rule in force."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.matched = 0
        self.fired = 0
        self._random = random.Random(rule.seed)  # noqa: S311  # chance, not secrecy

    def takes(self, point: Point, call: Call) -> bool:
        """Say whether the rule fires at a call, and count."""
        rule = self.rule
        if KINDS[rule.kind].point != point or not rule.matches(call):
            return False
        self.matched += 1
        spent = rule.times is not None and self.fired >= rule.times
        if spent or self.matched <= rule.skip:
            return False
        fires = rule.probability >= 1 or self._random.random() < rule.probability
        self.fired += fires
        return fires


def _checked(rules: Iterable[Rule]) -> list[_Armed]:
    added = [_Armed(rule) for rule in rules]
    for each in added:
        kind = each.rule.kind
        if kind not in KINDS:
            message = f"There is no fault '{kind}'.{suggestion(kind, KINDS)}"
            raise InvalidRequestError(message)
    return added


class FaultSwitches:
    """All of it; nothing happens while there is no rule."""

    def __init__(self, *, enabled: bool) -> None:
        #: The admin path is open, and calls are logged.
        self.enabled = enabled
        self.veil = Veil()
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._seen: deque[SeenCall] = deque(maxlen=_LONGEST_LOG)
        self._cleared = threading.Event()

    def arm(self, rules: Iterable[Rule]) -> None:
        """Put rules in force, behind those that are."""
        added = _checked(rules)
        with self._lock:
            self._armed += added

    def clear(self) -> None:
        """Forget every rule and call; what is being delayed goes on at once."""
        self.replace([])

    def replace(self, rules: Iterable[Rule]) -> None:
        """Put rules in the place of all others, then let go on what those delay."""
        added = _checked(rules)
        with self._lock:
            self._armed, cleared = added, self._cleared
            self._cleared = threading.Event()
            self._seen.clear()
        self.veil.lift()
        cleared.set()

    def strike(
        self, point: Point, call: Call, answer: Response | None = None
    ) -> Response | None:
        """Do what the rules say of a call; return what is answered instead, or None."""
        for rule in self._rules():
            with self._lock:
                taken = rule.takes(point, call)
            if taken:
                kind = KINDS[rule.rule.kind]
                occasion = Occasion(rule.rule, call, answer, self._pause, self.veil)
                instead = kind.act(occasion)
                if instead is not None:
                    return instead
        return None

    def hold(self, operation: str, name: str) -> None:
        """Wait where the start of a container is to be slow."""
        self.strike("start", Call("sagemaker", operation, name))

    def ping_fails(self, endpoint: str, variant: str) -> bool:
        """Say whether a ping of a variant is to fail."""
        call = Call("sagemaker", "Ping", endpoint, variant=variant)
        return self.strike("ping", call) is not None

    def record(self, call: Call, answer: Response | None, *, executed: bool) -> None:
        """Keep a call that may have changed something."""
        if not call.changes:
            return
        headers = Headers() if answer is None else answer.headers
        request_id = headers.get("x-amzn-RequestId") or headers.get("x-amz-request-id")
        seen = SeenCall(
            service=call.service,
            operation=call.operation,
            name=call.name,
            at=time.time(),
            request_id=request_id or "",
            invocation=call.invocation,
            status=0 if answer is None else answer.status_code,
            executed=executed,
        )
        with self._lock:
            self._seen.append(seen)

    def json(self) -> dict[str, Any]:
        """Return the rules with their counts, and the calls, oldest first."""
        with self._lock:
            rules = [
                {"rule": each.rule.json(), "matched": each.matched, "fired": each.fired}
                for each in self._armed
            ]
            return {"rules": rules, "calls": [asdict(each) for each in self._seen]}

    def _rules(self) -> list[_Armed]:
        with self._lock:
            return self._armed[:]

    def _pause(self, seconds: float) -> None:
        self._cleared.wait(seconds)
