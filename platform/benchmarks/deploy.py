"""What `invoke deploy` costs beyond the model's own processes, and when all is cached.

    python platform/benchmarks/deploy.py

In one run: the example model's image is built, then deployed by processes in a fresh
checkout; then the same image's extract, preprocess, train and serve are started by hand
on the model's fixtures, and Python loads the command line. What the deploy took beyond
these five process starts, and the user code in them, is the platform's own share.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from slipway.images.build import BuiltImage
from slipway.images.fixture_test import fixture_test
from slipway.testing.checkout import Checkout, Outcome, checkout

ROOT = Path(__file__).parents[2]
MODEL, DATE = "tumor_malignancy", "2026-01-31"
DEPLOY = ("deploy", "--model", MODEL, "--date", DATE)
#: Everything that the command loads before its first line of work.
START = "import slipway.tasks, slipway.tasks.moving"
REPEATS = 5
PROMISED_SHARE = 0.20
PROMISED_CACHED = 3.0


def main() -> int:
    """Print the shares; return 1 when a promise is broken."""
    with (
        tempfile.TemporaryDirectory(prefix="slipway-bench-") as temporary,
        checkout(Path(temporary) / "checkout", ROOT, "process") as home,
    ):
        built = succeeded(home.invoke("build", "--model", MODEL, "--json")).data
        succeeded(home.invoke("warehouse.seed"))
        shares = [share(home, built, force=bool(turn)) for turn in range(REPEATS)]
        cached = [
            timed(lambda: succeeded(home.invoke(*DEPLOY))) for _ in range(REPEATS)
        ]
    beyond, again = statistics.median(shares), statistics.median(cached)
    say(f"median share beyond user code and process start: {beyond:.0%}")
    say(
        f"a fully cached deploy: {again:.2f} s, of {min(cached):.2f} to {max(cached):.2f}"
    )
    promises = {
        f"{beyond:.0%} of a deploy is the platform's own (promised: at most 20 %)": (
            beyond <= PROMISED_SHARE
        ),
        f"{again:.2f} s when all is cached (promised: at most 3 s)": (
            again <= PROMISED_CACHED
        ),
    }
    for text, kept in promises.items():
        say(f"{'kept  ' if kept else 'BROKEN'} {text}")
    return 0 if all(promises.values()) else 1


def share(home: Checkout, built: dict[str, str], *, force: bool) -> float:
    """Deploy once, start the same processes by hand, and return what is between."""
    words = (*DEPLOY, "--force") if force else DEPLOY
    whole = timed(lambda: succeeded(home.invoke(*words)))
    start = timed(lambda: subprocess.run([sys.executable, "-c", START], check=True))  # noqa: S603
    image = BuiltImage(
        built["uri"], built["digest"], built["runtime_digest"], "process", cached=True
    )
    folder = home.root / "models" / MODEL
    steps = fixture_test(folder, image, images_root=home.state / "images")
    bare = start + sum(step.seconds for step in steps)
    beyond = (whole - bare) / whole
    say(
        f"deploy {whole:5.2f} s, its processes by hand {bare:5.2f} s, beyond {beyond:.0%}"
    )
    return beyond


def timed(call: Callable[[], object]) -> float:
    """Return the seconds that `call` takes."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def succeeded(outcome: Outcome) -> Outcome:
    """Return `outcome`, or end the benchmark with what it says."""
    if outcome.exit_code != 0:
        sys.exit(outcome.errors)
    return outcome


def say(line: str) -> None:
    """Print one line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
