"""Rounds of load, `kill -9`, restart and checks."""

import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from soak_checks import check_acknowledged, check_nothing_is_left, check_settled
from soak_ledger import Ledger
from soak_load import Load
from soak_world import BUCKET, World

from slipway.testing.waiting import wait_until

#: Of rounds in which the next server is killed while it starts.
_DIES_STARTING = 0.2
_LONGEST_LOAD = 1.6
#: Rounds between two checks at rest.
_REST = 10


def soaked(
    folder: Path, executor: str, *, kills: int, seed: int, say: Callable[[str], None]
) -> Ledger:
    """Kill a server so many times under load; return what was found."""
    chance = random.Random(seed)  # noqa: S311  # instants, not secrets
    ledger = Ledger()
    world = World(folder, executor)
    world.start()
    try:
        prepare(world, ledger)
        load = Load(world, ledger, seed)
        done = 0
        while done < kills:
            done += _round(world, load, ledger, chance)
            if done % _REST == 0 or done >= kills:
                check_settled(world, ledger)
                check_acknowledged(world, ledger, everything=True)
            say(f"{done:4}/{kills} kills  {_counted(ledger)}")
        check_nothing_is_left(world, ledger)
        if world.server.stop() != 0:
            ledger.violated("the last server did not stop with 0")
    finally:
        world.server.kill()
    if world.running():
        ledger.violated(f"after the end: {sorted(world.running())}")
    return ledger


def prepare(world: World, ledger: Ledger) -> None:
    """Make the bucket, and two configs of two trained models."""
    world.prepare()
    for number in "12":
        training = ledger.resource("training", f"model-{number}")
        world.train(training.name, answer=number)
        training.fate = "present"
        wait_until(
            lambda name=training.name: (
                (world.described("training", name) or {}).get("TrainingJobStatus")
                == "Completed"
            ),
            seconds=180,
        )
        world.model_and_config(f"config-{number}", training.name)
        for kind in ("model", "config"):
            ledger.resource(kind, f"config-{number}").fate = "present"


def _round(world: World, load: Load, ledger: Ledger, chance: random.Random) -> int:
    """Kill once or twice; return how often."""
    workers = load.begin()
    time.sleep(chance.uniform(0, _LONGEST_LOAD))  # the random instant
    world.server.kill()
    load.end()
    for worker in workers:
        worker.join(180)
        if worker.is_alive():
            ledger.violated(f"the worker {worker.name} hangs")
    kills = 1
    if chance.random() < _DIES_STARTING:
        world.start_and_die(chance)
        kills = 2
    world.start()
    check_acknowledged(world, ledger, everything=False)
    return kills


def _counted(ledger: Ledger) -> str:
    counts = ", ".join(f"{n} {what}" for what, n in sorted(ledger.counts.items()))
    return f"{counts}; {len(ledger.violations)} violations"


def soak(executor: str, *, kills: int, seed: int, say: Callable[[str], None]) -> int:
    """Run in a folder of its own, print the outcome, and return 1 if it is bad."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        say(f"{executor}: {kills} kills, seed {seed}")
        ledger = soaked(Path(folder), executor, kills=kills, seed=seed, say=say)
    objects = sum(None not in digests for digests in ledger.objects.values())
    say(
        f"{executor}: {objects} objects of bucket '{BUCKET}' read back equal, "
        f"{len(ledger.resources)} resources as acknowledged, nothing left over, "
        f"{time.monotonic() - began:.0f} s"
        if not ledger.violations
        else f"{executor}: {len(ledger.violations)} violations"
    )
    for violation in ledger.violations:
        say(f"  {violation}")
    return 1 if ledger.violations else 0
