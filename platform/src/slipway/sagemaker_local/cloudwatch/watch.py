"""The thread that writes invocations down and evaluates alarms when they are due."""

import logging
import threading
import time
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
        self._closed = False
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

    def look(self) -> None:
        """Evaluate at once what was configured anew."""
        with self._changed:
            self._look_at = 0.0
            self._changed.notify()

    def _run(self) -> None:
        while self._rest():
            try:
                self._work(time.time())
            except StorageFullError:
                _LOG.warning("cloudwatch_waits_for_disk")
            except Exception:  # noqa: BLE001  # the entry point of the thread
                _LOG.exception("cloudwatch_failed")

    def _rest(self) -> bool:
        """Sleep until there is something to do; False when the thread is to end."""
        with self._changed:
            if not self._pending and not self._closed:
                due = min(self._look_at, self._tidy_at) - time.time()
                self._changed.wait(max(due, 0.0))
            if self._pending and not self._closed:
                self._changed.wait_for(lambda: self._closed or self._is_due(), _DELAY)
            return not self._closed

    def _is_due(self) -> bool:
        return time.time() >= self._look_at

    def _work(self, now: float) -> None:
        self.settle()
        if self._is_due():
            # Until the next look is known; whoever asks for one meanwhile gets it.
            self._look_at = now + _TIDY
            following = self._evaluate(now)
            with self._changed:
                self._look_at = min(self._look_at, following)
        if now >= self._tidy_at:
            self._tidy_at = now + _TIDY
            self._metrics.forget(now)
            self._alarms.forget(now)

    def _evaluate(self, now: float) -> float:
        """Evaluate each alarm that is due; return when the next one is."""
        following, evaluated = now + _TIDY, {}
        for alarm in self._alarms.every():
            rule, key = alarm.rule, (alarm.region, alarm.name)
            _, end = evaluated_range(rule, now - _LAG)
            evaluated[key] = (alarm.configured_at, end)
            if self._evaluated.get(key) != evaluated[key]:
                self._judge(alarm, now - _LAG)
            following = min(following, end + step_of(rule.period) + _LAG)
        self._evaluated = evaluated
        return following

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
            # One that was changed meanwhile is evaluated anew.
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
