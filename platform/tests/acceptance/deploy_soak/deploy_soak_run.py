"""Deploys that are killed at random instants, and asked for again."""

import datetime as dt
import os
import random
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from deploy_soak_checks import asked_twice, broken, plant_strangers

from slipway.testing.checkout import Checkout, checkout
from slipway.testing.local_stack import LocalServer

SOURCE = Path(__file__).parents[4]
MODEL = "tumor_malignancy"
_FIRST = dt.date(2026, 1, 31)
_PENALTY = "inverse_penalty: 0.5"
#: How often one deploy is killed at most before it is let through.
_KILLS_EACH = 9


@dataclass
class Soak:
    """What was killed, and what was found."""

    kills: int = 0
    deploys: int = 0
    violations: list[str] = field(default_factory=list)


@contextmanager
def home_of(folder: Path) -> Iterator[tuple[Checkout, LocalServer]]:
    """Lend a checkout whose local stack has fault switches: they count calls."""
    with checkout(folder / "checkout", SOURCE, "process") as home:
        options = ("--port", str(home.port), "--fault-switches")
        state = home.state / "local" / "sagemaker"
        state.parent.mkdir(parents=True)
        server = LocalServer(state, home.state / "images", options=options).start()
        try:
            seeded = home.invoke("warehouse.seed")
            if seeded.exit_code != 0:
                raise AssertionError(seeded.errors)
            yield home, server
        finally:
            server.stop()


def soaked(folder: Path, *, kills: int, seed: int, say: Callable[[str], None]) -> Soak:
    """Kill so many deploys; return what was found."""
    chance, found = random.Random(seed), Soak()  # noqa: S311  # instants, not secrets
    with home_of(folder) as (home, server):
        strangers = plant_strangers(home)
        server.faults.clear()  # it counts our calls from here
        _deployed(home, found)  # it makes the image's environment, as no other does
        _edit(home, found.deploys)
        whole = rest = _deployed(home, found)
        while found.kills < kills and not found.violations:
            _edit(home, found.deploys)
            if _killed(home, found, chance.uniform(0, whole)):
                for _ in range(
                    chance.randrange(min(_KILLS_EACH, kills - found.kills + 1))
                ):
                    if not _killed(home, found, chance.uniform(0, rest)):
                        break
            rest = _deployed(home, found)
            found.violations += broken(home, MODEL, server.faults, strangers)
            twice = asked_twice(server.faults)
            say(
                f"{found.kills:4}/{kills} kills, {found.deploys} deploys,"
                f" {twice} creates asked for twice,"
                f" {len(found.violations)} violations"
            )
    return found


def _command(found: Soak) -> tuple[str, ...]:
    """Return the command of the next deploy: another date, and so another extract."""
    date = _FIRST + dt.timedelta(days=found.deploys)
    return ("deploy", "--model", MODEL, "--date", date.isoformat(), "--json")


def _edit(home: Checkout, number: int) -> None:
    """Change what is trained, so that nothing of it is in the cache."""
    path = home.root / "models" / MODEL / "model.yaml"
    original = SOURCE / "models" / MODEL / "model.yaml"
    text = original.read_text()
    if _PENALTY not in text:
        raise AssertionError(_PENALTY)
    changed = f"inverse_penalty: {0.5 + number / 1000:.3f}"
    path.write_text(text.replace(_PENALTY, changed))


def _killed(home: Checkout, found: Soak, seconds: float) -> bool:
    """Kill a deploy after so many seconds; False: it had ended before."""
    running = home.start(*_command(found))
    try:
        _output, errors = running.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
        found.kills += 1
        return True
    if running.returncode != 0:
        found.violations.append(f"a deploy failed: {errors}")
    return False


def _deployed(home: Checkout, found: Soak) -> float:
    """Let a deploy through; return the seconds that it took."""
    began = time.monotonic()
    outcome = home.invoke(*_command(found))
    if outcome.exit_code != 0:
        found.violations.append(f"the rerun does not converge: {outcome.errors}")
    found.deploys += 1
    return time.monotonic() - began


def soak(*, kills: int, seed: int, say: Callable[[str], None]) -> int:
    """Run in a folder of its own, print the outcome, and return 1 if it is bad."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="deploy-soak-") as folder:
        found = soaked(Path(folder), kills=kills, seed=seed, say=say)
    for violation in found.violations:
        say(f"  {violation}")
    say(
        f"deploy: {found.kills} kills in {found.deploys} deploys, seed {seed},"
        f" {len(found.violations)} violations, {time.monotonic() - began:.0f} s"
    )
    return 1 if found.violations else 0
