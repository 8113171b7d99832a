"""How long a scheduler parses rendered DAGs, beside other ways to write the same."""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "plugins")]

from parse_sources import KINDS, write

_TASKS = 8
_MODELS, _MANY = 200, 1000
#: What is promised, as ratios.
_OF_HAND, _OF_FACTORY, _OF_LINE = 1.2, 2.0, 1.2


def main() -> int:
    """Run the benchmark; return 1 when a promise is broken."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="slipway-parse-") as root:
        folders = {kind: Path(root) / kind for kind in KINDS}
        for kind, folder in folders.items():
            write(folder, kind, _MODELS)
        many = Path(root) / "many"
        write(many, "rendered", _MANY)
        parsed = {kind: [] for kind in KINDS}
        for number in range(rounds):
            for kind, folder in folders.items():
                parsed[kind].append(_parse(folder, root, _MODELS))
                _say(f"round {number + 1}  {kind:12}", parsed[kind][-1])
        thousand = _parse(many, root, _MANY)
        _say(f"rendered, {_MANY:,} models", thousand)
    return _judge(parsed, thousand)


def _parse(folder: Path, home: str, models: int) -> dict:
    command = [sys.executable, str(HERE / "parse_once.py"), str(folder), home]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    if (said["dags"], said["tasks"], said["errors"]) != (models, models * _TASKS, 0):
        sys.exit(f"{folder.name}: not what was to be parsed: {said}\n{done.stdout}")
    return said


def _judge(parsed: dict[str, list], thousand: dict) -> int:
    """Print each promise and whether it was kept; return 1 unless all were."""
    seconds = {k: [each["seconds"] for each in v] for k, v in parsed.items()}
    own = statistics.median(seconds["rendered"])
    hand = statistics.median(
        a / b for a, b in zip(seconds["rendered"], seconds["by hand"], strict=True)
    )
    factory = statistics.median(
        b / a for a, b in zip(seconds["rendered"], seconds["dag-factory"], strict=True)
    )
    line = thousand["seconds"] / own / (_MANY / _MODELS)
    added = _kilobytes(parsed["rendered"]) - _kilobytes(parsed["by hand"])
    promises = (
        (
            hand <= _OF_HAND,
            f"{hand:.2f} x of DAGs written by hand",
            f"at most {_OF_HAND}",
        ),
        (factory >= _OF_FACTORY, f"{factory:.2f} x faster than dag-factory", "2"),
        (line <= _OF_LINE, f"{line:.2f} x as long for each of {_MANY:,}", "1.2"),
    )
    for kept, what, promised in promises:
        sys.stdout.write(
            f"{'kept  ' if kept else 'BROKEN'} {what} (promised: {promised})\n"
        )
    per_task = added / (_MODELS * _TASKS)
    sys.stdout.write(f"memory beyond DAGs by hand: {per_task:+.2f} KiB a task\n")
    return 0 if all(kept for kept, *_ in promises) else 1


def _kilobytes(parsed: list[dict]) -> float:
    return statistics.median(each["kilobytes"] for each in parsed)


def _say(what: str, said: dict) -> None:
    seconds, tasks = said["seconds"], said["tasks"]
    sys.stdout.write(f"{what}  {seconds:5.2f} s CPU, {tasks:,} tasks\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
