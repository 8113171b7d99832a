"""Runs of one model, each in a process of its own, at the same time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from run_worker import MODEL, context_of, step

from slipway.controller.claims import alone, running
from slipway.controller.estate import Estate
from slipway.controller.leased import collection_of
from slipway.controller.steps.definition import Moves
from slipway.controller.store import Leases
from slipway.controller.taking import take
from slipway.errors import FencedError
from slipway.testing.example_run import opened_example
from slipway.testing.invariants import history_is_the_state, no_stale_writer


@pytest.fixture
def context(store, tmp_path):
    """The model, with two runs."""
    made = context_of(store, tmp_path)
    for run_id in ("usual", "deeper"):
        opened_example(made, run_id)
    return made


class Worker:
    """A process that takes steps, one after the other; to start it takes seconds."""

    def __init__(self):
        script = str(Path(__file__).with_name("run_worker.py"))
        self.process = subprocess.Popen(
            [sys.executable, script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.is_free = True

    def ask(self, line):
        self.is_free = False
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def said(self):
        word = self.process.stdout.readline().strip()
        self.is_free = word in {"succeeded", "cached"}
        return word

    def end(self):
        self.process.kill()
        with self.process:
            pass


@pytest.fixture(scope="module")
def workers():
    """The processes that are there; a test uses two of them."""
    made = []
    yield made
    for worker in made:
        worker.end()


@pytest.fixture
def start(url, context, tmp_path, workers):
    """Let a process take a run's step; it says what it does, line by line."""

    def started(run_id, digest, moves="nothing"):
        free = [worker for worker in workers if worker.is_free]
        if not free:
            free = [Worker()]
            workers.extend(free)
        place = {"url": url, "folder": str(tmp_path)}
        asked = {**place, "run_id": run_id, "digest": digest, "moves": moves}
        free[0].ask(json.dumps(asked))
        return free[0]

    yield started
    for worker in [worker for worker in workers if not worker.is_free]:
        worker.end()
        workers.remove(worker)


def states(context):
    return {
        run_id: context.store.records.step(run_id, "extract").state
        for run_id in ("usual", "deeper")
    }


def test_two_runs_of_a_model_work_at_the_same_time(context, start):
    both = [start("usual", "a"), start("deeper", "b")]

    assert [process.said() for process in both] == ["performs", "performs"]
    for process in reversed(both):
        process.ask("go")
    assert [process.said() for process in both] == ["succeeded", "succeeded"]
    assert states(context) == {"usual": "succeeded", "deeper": "succeeded"}
    assert no_stale_writer(context.store.database) == []
    assert history_is_the_state(context.store.database) == []


def test_the_same_step_of_two_runs_is_done_once_and_who_waits_says_for_whom(
    context, start
):
    first = start("usual", "a")
    assert first.said() == "performs"
    second = start("deeper", "a")

    waits = second.said()
    first.ask("go")

    assert waits.startswith("waits: another run does the same extract: waiting for ")
    assert f"process {first.process.pid}, since 20" in waits
    assert "Z, until " in waits
    assert [first.said(), second.said()] == ["succeeded", "cached"]
    step = context.store.records.step("deeper", "extract")
    assert (step.reused_from, step.outputs) == ("usual", {"done": True})


def test_a_killed_runs_step_is_done_by_the_run_that_waits_for_it(context, start):
    first = start("usual", "a")
    assert first.said() == "performs"
    second = start("deeper", "a")
    assert second.said().startswith("waits: ")

    first.process.kill()

    assert second.said() == "performs"
    second.ask("go")
    assert second.said() == "succeeded"


@pytest.mark.parametrize(
    ("moves", "why"),
    [
        ("versions", "another run registers a version of tumor_malignancy"),
        ("serving", "another command changes what serves tumor_malignancy"),
    ],
)
def test_what_moves_the_model_is_done_by_one_run_at_a_time(context, start, moves, why):
    first = start("usual", "a", moves)
    assert first.said() == "performs"
    second = start("deeper", "b", moves)

    assert second.said().startswith(f"waits: {why}: waiting for ")
    first.ask("go")
    assert [first.said(), second.said()] == ["succeeded", "performs"]
    second.ask("go")
    assert second.said() == "succeeded"
    assert no_stale_writer(context.store.database) == []


def test_one_run_is_taken_by_one_process_at_a_time(context, start):
    first = start("usual", "a")
    assert first.said() == "performs"
    second = start("usual", "a")

    waits = second.said()
    first.ask("go")

    assert waits.startswith("waits: run usual is taken by another command: waiting for")
    assert [first.said(), second.said()] == ["succeeded", "cached"]


def test_nothing_is_collected_while_a_run_goes_on(context, start, tmp_path):
    store, locks = context.store, tmp_path / "locks"
    estate = Estate("local", "b", store, context.gateway, None, context.pace, locks)
    process = start("usual", "a")
    assert process.said() == "performs"

    with alone(estate, MODEL) as during:
        assert during is None
    process.ask("go")
    assert process.said() == "succeeded"
    with alone(estate, MODEL) as after:
        waiting = start("deeper", "b")
        assert after is not None
        assert waiting.said().startswith(
            "waits: what tumor_malignancy needs no more is"
        )
    assert waiting.said() == "performs"
    waiting.ask("go")
    assert waiting.said() == "succeeded"


def test_a_collection_that_slept_while_a_run_began_deletes_nothing(context, tmp_path):
    store, locks = context.store, tmp_path / "locks"
    estate = Estate("local", "b", store, context.gateway, None, context.pace, locks)
    leases, gate = Leases(store.database), collection_of(context.lease)

    with alone(estate, MODEL) as held:
        leases.release(leases.take(gate, leases.seen(gate), holder="a run"))

        with pytest.raises(FencedError, match=f"holds {gate} now"):
            held.store.confirm()


@pytest.fixture
def took(context):
    """Take an extract in this process, for a run; return how it ended."""

    def taken(run_id):
        run = context.store.records.run(run_id)
        with running(context, run) as held:
            made = step("a", Moves.NOTHING, lambda _task: {"done": True})
            return take(held, run, made).outcome

    return taken


def test_whoever_takes_outputs_names_the_run_that_wrote_them(context, took):
    opened_example(context, "third")

    outcomes = [took(run_id) for run_id in ("usual", "deeper", "third")]

    assert outcomes == ["succeeded", "cached", "cached"]
    assert context.store.records.step("third", "extract").reused_from == "usual"


def test_what_a_retired_run_wrote_is_taken_by_nobody(context, took):
    took("usual")
    took("deeper")
    run = context.store.records.run("usual")
    context.store.advance(context.store.advance(run, "succeed"), "retire", "leaked")
    opened_example(context, "third")

    assert took("third") == "succeeded"
    assert context.store.records.step("third", "extract").reused_from == ""
