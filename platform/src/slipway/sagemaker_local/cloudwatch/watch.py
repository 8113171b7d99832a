"""The thread that writes invocations down and evaluates alarms when they are due."""

import logging
import threading
import time
from collections.abc import Iterable
from dataclasses import replace

import orjson

from slipway.sagemaker_local.cloudwatch.alarm import Alarm
from slipway.sagemaker_local.cloudwatch.alarm_store import AlarmStore
from slipway.sagemaker_local.cloudwatch.evaluation import State, Verdict, verdict
from slipway.sagemaker_local.cloudwatch.invocation_metrics import (
    Observed,
    data_of,
    observed,
)
from slipway.sagemaker_local.cloudwatch.metric_store import MetricStore
from slipway.sagemaker_local.cloudwatch.reasons import reason, reason_data
from slipway.sagemaker_local.cloudwatch.series import datapoints, evaluated_range
from slipway.sagemaker_local.cloudwatch.series import step as step_of
from slipway.sagemaker_local.cloudwatch.statistics import enough_for
from slipway.sagemaker_local.endpoints.observation import Invocation
from slipway.sagemaker_local.faults import StorageFullError

_LOG = logging.getLogger(__name__)
#: Seconds from an invocation to its metrics on disk.
_DELAY = 1.0
#: Seconds from the end of a period to its evaluation: what was sent in it has come.
_LAG = 1.0
#: Seconds from a failure to another try.
_RETRY = 5.0
#: Seconds from one removal of what is old to the next.
_TIDY = 600.0


class Watch:
    """Takes invocations from the threads that answer them; sleeps when it can."""

    def __init__(self, metrics: MetricStore, alarms: AlarmStore) -> None:
        self._metrics = metrics
        self._alarms = alarms
        self._changed = threading.Condition()
        #: Held while invocations are written down.
        self._writing = threading.Lock()
        self._pending: list[Observed] = []
        #: Region and name of alarms to be evaluated at once.
        self._asked: set[tuple[str, str]] = set()
        self._closed = False
        #: By the monotonic clock: the other one may jump.
        self._look_at, self._tidy_at = 0.0, 0.0
        #: By region and name: the configuration that was evaluated, and until when.
        self._evaluated: dict[tuple[str, str], tuple[float, int]] = {}
        self._thread = threading.Thread(
            target=self._run, name="cloudwatch", daemon=True
        )

    def start(self) -> None:
        """Begin to evaluate."""
        self._thread.start()

    def close(self) -> None:
        """Write down what is pending and end."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()
        self.settle()

    def observe(self, invocation: Invocation) -> None:
        """Take note of an invocation; the thread writes it down soon."""
        noted = observed(invocation, time.time())
        with self._changed:
            self._pending.append(noted)
            if len(self._pending) == 1:
                self._changed.notify()

    def settle(self) -> None:
        """Write down every invocation that was observed until now."""
        with self._writing:
            with self._changed:
                pending, self._pending = self._pending, []
            if not pending:
                return
            try:
                self._metrics.add(data_of(pending))
            except StorageFullError:
                _LOG.warning("invocation_metrics_lost count=%s", len(pending))

    def look(self, region: str, name: str) -> None:
        """Evaluate an alarm at once that was configured anew."""
        with self._changed:
            self._asked.add((region, name))
            self._changed.notify()

    def _run(self) -> None:
        while self._rest():
            try:
                self._work(time.time(), time.monotonic())
            except StorageFullError:
                _LOG.warning("cloudwatch_waits_for_disk")
                self._look_at = time.monotonic() + _RETRY
            except Exception:  # noqa: BLE001  # the entry point of the thread
                _LOG.exception("cloudwatch_failed")
                self._look_at = time.monotonic() + _RETRY

    def _rest(self) -> bool:
        """Sleep until there is something to do; False when the thread is to end."""
        with self._changed:
            due = min(self._look_at, self._tidy_at)
            self._changed.wait_for(self._is_called, max(due - time.monotonic(), 0.0))
            if self._pending:
                # More may come meanwhile, to be written at once.
                patience = min(max(due - time.monotonic(), 0.0), _DELAY)
                self._changed.wait_for(self._is_pressed, patience)
            return not self._closed

    def _is_pressed(self) -> bool:
        return bool(self._asked) or self._closed

    def _is_called(self) -> bool:
        return bool(self._pending) or self._is_pressed()

    def _work(self, now: float, tick: float) -> None:
        """Do what is due; `tick` is `now` by the monotonic clock."""
        self.settle()
        with self._changed:
            asked, self._asked = self._asked, set()
        if tick >= self._look_at:
            self._look_at = tick + _TIDY
            every = self._alarms.every()
            self._forget_others(every)
            self._evaluate(every, now, tick)
        elif asked:
            found = (self._alarms.get(*key) for key in asked)
            self._evaluate((each for each in found if each is not None), now, tick)
        if tick >= self._tidy_at:
            self._tidy_at = tick + _TIDY
            self._metrics.forget(now)
            self._alarms.forget(now)

    def _forget_others(self, alarms: Iterable[Alarm]) -> None:
        known = {(alarm.region, alarm.name) for alarm in alarms}
        for key in self._evaluated.keys() - known:
            del self._evaluated[key]

    def _evaluate(self, alarms: Iterable[Alarm], now: float, tick: float) -> None:
        """Judge those of some alarms that are due, and note when they are again."""
        for alarm in alarms:
            rule, key = alarm.rule, (alarm.region, alarm.name)
            _, end = evaluated_range(rule, now - _LAG)
            until = (alarm.configured_at, end)
            if self._evaluated.get(key) != until:
                self._judge(alarm, now - _LAG)
            self._evaluated[key] = until
            left = end + step_of(rule.period) + _LAG - now
            self._look_at = min(self._look_at, tick + left)

    def _judge(self, alarm: Alarm, now: float) -> None:
        rule = alarm.rule
        points = self._metrics.points(alarm.metric, *evaluated_range(rule, now))
        found = verdict(rule, datapoints(rule, points, now, alarm.unit))
        few = any(
            not enough_for(rule.statistic, each.count) for each in found.evaluated
        )
        if found.state in (None, alarm.state) or (few and not rule.low_samples):
            return
        changed = _changed(alarm, found, found.state)

        def change(current: Alarm) -> Alarm:
            # One that was changed meanwhile waits for its next time.
            return changed if current == alarm else current

        self._alarms.change(alarm.region, alarm.name, change)


def _changed(alarm: Alarm, found: Verdict, state: State) -> Alarm:
    now = time.time()
    return replace(
        alarm,
        state=state,
        reason=reason(alarm.rule, found, state),
        reason_data=orjson.dumps(reason_data(alarm.rule, found, now)).decode(),
        updated_at=now,
        transitioned_at=now,
    )
