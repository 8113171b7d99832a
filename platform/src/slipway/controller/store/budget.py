"""Token buckets in the database: everybody who uses an account shares them."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from slipway.controller.orm import CallBudget
from slipway.controller.store.database import Database
from slipway.controller.store.moment import database_now


@dataclass(frozen=True)
class Rate:
    """What an account may do of one kind of call."""

    #: Calls a second, for long.
    steady: float
    #: Calls at once, after a pause.
    burst: float
    #: Calls that a process reserves at a time: fewer questions to the database.
    reserve: int


#: Below SageMaker's quotas, which differ by call and are not told: what throttles
#: others is two a second for `List*` and a few a second for `Create*`.
RATES = {
    "mutate": Rate(steady=1.5, burst=5, reserve=1),
    "describe": Rate(steady=8, burst=16, reserve=4),
    "tags": Rate(steady=4, burst=8, reserve=1),
    "list": Rate(steady=1, burst=2, reserve=1),
}


class Budget:
    """An account's calls, counted by the database's clock."""

    def __init__(
        self,
        database: Database,
        account: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], ColumnElement[float]] = database_now,
    ) -> None:
        self._database = database
        self._account = account
        self._sleep = sleep
        self._now = now
        self._reserved = dict.fromkeys(RATES, 0)
        self._lock = threading.Lock()

    def wait(self, kind: str) -> None:
        """Return when one more call of a kind may be made."""
        rate = RATES[kind]
        while not self._take(kind, rate):
            self._sleep(rate.reserve / rate.steady)

    def _take(self, kind: str, rate: Rate) -> bool:
        """Take one call of those that are reserved, or reserve more; tell if there was one."""
        with self._lock:
            if not self._reserved[kind] and self._reserve(kind, rate):
                self._reserved[kind] = rate.reserve
            if not self._reserved[kind]:
                return False
            self._reserved[kind] -= 1
            return True

    def _reserve(self, kind: str, rate: Rate) -> bool:
        """Take a few calls out of the bucket; tell whether it held enough."""
        bucket, now = f"{self._account}/{kind}", self._now()
        elapsed = now - CallBudget.refilled_at
        grown = (
            CallBudget.tokens + case((elapsed > 0, elapsed), else_=0.0) * rate.steady
        )
        filled = case((grown > rate.burst, rate.burst), else_=grown)
        taken = (
            update(CallBudget)
            .where(CallBudget.bucket == bucket, filled >= rate.reserve)
            .values(tokens=filled - rate.reserve, refilled_at=now)
        )
        with self._database.transaction(durable=False) as connection:
            if connection.execute(taken).rowcount == 1:
                return True
            known = select(func.count()).where(CallBudget.bucket == bucket)
            if connection.scalar(known):
                return False
        return self._filled(bucket, rate)

    def _filled(self, bucket: str, rate: Rate) -> bool:
        """Make a full bucket, and take from it; somebody else may make it first."""
        row = {
            "bucket": bucket,
            "tokens": rate.burst - rate.reserve,
            "refilled_at": self._now(),
        }
        try:
            with self._database.transaction() as connection:
                connection.execute(insert(CallBudget).values(**row))
        except IntegrityError:
            return False
        return True
