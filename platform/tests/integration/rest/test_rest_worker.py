"""Steps of many runs of one model, taken by one instance's worker."""

import threading

import pytest

from slipway.application import taking
from slipway.application import worker as workers
from slipway.application.worker import Worker
from slipway.controller.steps.definition import Definition, Moves
from slipway.testing.example_run import opened_example
from slipway.testing.waiting import wait_until

RUNS = [f"b{number}" for number in range(5)]


@pytest.fixture
def backfill(api):
    """Five runs of the example model, as a backfill opens them."""
    context = api.workspace.context("tumor_malignancy")
    for run_id in RUNS:
        opened_example(context, run_id, f"dag/{run_id}")
        api.ask("POST", f"/v1/runs/{run_id}/steps/extract", {"attempt": 1})


class Steps:
    """What is done for each run; how many were at it at once."""

    def __init__(self, moves, perform):
        self.moves, self._perform = moves, perform
        self.now, self.most, self.lock = 0, 0, threading.Lock()

    def of(self, _pipeline, name):
        return Definition(
            name=name,
            reads=lambda task: task.run_id,
            perform=self.perform,
            stands=lambda _task, _outputs: True,
            note=lambda _outputs: "",
            moves=self.moves,
        )

    def perform(self, task):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try:
            self._perform(task)
        finally:
            with self.lock:
                self.now -= 1
        return {}


def taken(api, monkeypatch, steps):
    """Let a worker look until every run's step has succeeded."""
    monkeypatch.setattr(taking, "step_of", steps.of)
    monkeypatch.setattr(workers, "make_image", lambda *_asked: None)
    worker, records = Worker(api.workspace), api.workspace.store.records

    def done():
        worker.look()
        return {records.step(run_id, "extract").state for run_id in RUNS} == {
            "succeeded"
        }

    wait_until(done, seconds=120)


def test_five_runs_of_one_model_are_worked_on_at_once(api, backfill, monkeypatch):
    all_there = threading.Barrier(len(RUNS))
    steps = Steps(Moves.NOTHING, lambda _task: all_there.wait(timeout=120))

    taken(api, monkeypatch, steps)

    assert steps.most == len(RUNS)


def test_five_runs_move_what_serves_one_after_the_other(api, backfill, monkeypatch):
    steps = Steps(Moves.SERVING, lambda _task: None)

    taken(api, monkeypatch, steps)

    assert steps.most == 1


def test_a_step_that_is_stopped_while_it_waits_is_let_go(api, backfill, monkeypatch):
    go, begun = threading.Event(), threading.Event()

    def perform(_task):
        begun.set()
        go.wait(timeout=120)

    steps = Steps(Moves.SERVING, perform)
    monkeypatch.setattr(taking, "step_of", steps.of)
    monkeypatch.setattr(workers, "make_image", lambda *_asked: None)
    worker, records = Worker(api.workspace), api.workspace.store.records
    worker.look()
    begun.wait(timeout=120)
    [running] = [r for r in RUNS if records.step(r, "extract").state == "running"]
    waiting = [run_id for run_id in RUNS if run_id != running]
    for run_id in waiting:
        api.ask("POST", f"/v1/runs/{run_id}/steps/extract/stop")
    wait_until(lambda: worker.busy == {running}, seconds=60)
    go.set()
    wait_until(lambda: not worker.busy, seconds=60)

    states = {run_id: records.step(run_id, "extract").state for run_id in RUNS}
    assert states.pop(running) == "succeeded"
    assert set(states.values()) == {"stopped"}
