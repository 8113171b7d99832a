"""Runs in a process of its own: takes a step when asked, tells how, and waits for a word."""

import json
import sys
from pathlib import Path

from slipway.application.workspace import Workspace
from slipway.controller.claims import running
from slipway.controller.observer import Silence
from slipway.controller.steps.definition import Definition, Moves
from slipway.controller.store import Database, Store
from slipway.controller.taking import take
from slipway.settings import load_settings
from slipway.testing.fake_gateway import FakeGateway

ROOT = Path(__file__).parents[4]
MODEL = "tumor_malignancy"


class Telling(Silence):
    """Tells the other end of the pipe whom it waits for."""

    def waits(self, text):
        tell(f"waits: {text}")


def context_of(store, folder):
    """The example model on tables of the test's own."""
    settings = load_settings(ROOT, "local", {"SLIPWAY_STATE": str(folder)})
    workspace = Workspace(settings)
    workspace.__dict__.update(store=store, gateway=FakeGateway())
    return workspace.declared(MODEL, Telling())


def step(digest, moves, perform):
    """A step that reads `digest`, and stands once it is done."""
    return Definition(
        name="extract",
        reads=lambda _task: digest,
        perform=perform,
        stands=lambda _task, _outputs: moves is Moves.NOTHING,
        note=lambda _outputs: "",
        moves=moves,
    )


def tell(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def _perform(_task):
    tell("performs")
    sys.stdin.readline()
    return {"done": True}


def work(url, folder, run_id, digest, moves):
    database = Database(url)
    context = context_of(Store(database), folder)
    run = context.store.records.run(run_id)
    with running(context, run) as held:
        report = take(held, run, step(digest, Moves(moves), _perform))
    database.engine.dispose()
    tell(report.outcome)


if __name__ == "__main__":
    while asked := sys.stdin.readline():
        work(**json.loads(asked))
