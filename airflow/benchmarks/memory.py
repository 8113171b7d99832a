"""What our operators add to the memory of a scheduler and of a worker."""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "plugins"), str(HERE.parent / "tests")]

from fake_controller import running_controller
from parse_sources import write

_TASKS, _MODELS, _ROUNDS = 8, 200, 3
_KINDS = ("rendered", "by hand")
#: What a scheduler keeps of a DAG, and what a worker's process loads to do a task.
_SIDES = ("scheduler", "worker")


def main() -> int:
    """Print, for each side, what rendered DAGs take beside those written by hand."""
    with tempfile.TemporaryDirectory(prefix="slipway-memory-") as root:
        for kind in _KINDS:
            write(Path(root) / kind, kind, _MODELS)
        with running_controller() as controller:
            place = controller.connection()
            for side in _SIDES:
                took = {
                    kind: [
                        _take(side, Path(root) / kind, place) for _ in range(_ROUNDS)
                    ]
                    for kind in _KINDS
                }
                _say(side, {kind: statistics.median(took[kind]) for kind in _KINDS})
    return 0


def _take(side: str, folder: Path, connection: str) -> float:
    """Return the KiB that a process of its own takes for the folder's DAGs."""
    program = [sys.executable, str(HERE / "memory_once.py")]
    home = str(folder.parent)
    environment = {
        **os.environ,
        "AIRFLOW_HOME": home,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "600",
        "AIRFLOW_CONN_SLIPWAY": connection,
    }
    kept = folder / "serialized.json"
    if side == "scheduler" and not kept.exists():
        _run([*program, "serialize", str(folder)], environment)
    return json.loads(_run([*program, side, str(folder)], environment))["kilobytes"]


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()[-1]


def _say(side: str, kilobytes: dict[str, float]) -> None:
    own, other = kilobytes["rendered"], kilobytes["by hand"]
    if side == "scheduler":
        own, other = (value / (_MODELS * _TASKS) for value in (own, other))
        unit = f"KiB a task, of {_MODELS} DAGs"
    else:
        unit = "KiB for the process of one task"
    sys.stdout.write(
        f"{side:10} {own - other:+8.1f} {unit} (rendered {own:.1f}, by hand {other:.1f})\n"
    )


if __name__ == "__main__":
    sys.exit(main())
