"""Mutants of the controller's core, which the tests must kill: `make mutants`."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from mutant_table import MUTANTS, ROOT, SOURCE, Mutant

#: What pytest ends with when tests failed, and when they passed.
_FAILED, _PASSED = 1, 0


def main() -> int:
    """Judge each mutant; return 1 unless all of them were killed."""
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        every = [test for mutant in MUTANTS for test in mutant.tests]
        control = _tested(Path(folder) / "control", None, every)
        if control.returncode != _PASSED:
            _say(f"The tests fail without a mutant:\n{control.stdout}")
            return 1
        killed = sum(
            _killed(Path(folder) / str(number), mutant)
            for number, mutant in enumerate(MUTANTS)
        )
    _say(f"{killed} of {len(MUTANTS)} mutants killed")
    return 0 if killed == len(MUTANTS) else 1


def _killed(folder: Path, mutant: Mutant) -> bool:
    """Run the tests of a mutant, print what came of it, and tell whether they failed."""
    judged = _tested(folder, mutant, mutant.tests)
    killed = judged.returncode == _FAILED
    failed = [line for line in judged.stdout.splitlines() if line.startswith("FAILED")]
    _say(f"{'killed  ' if killed else 'SURVIVED'} {mutant.name}")
    for line in failed:
        _say(f"         by {line.removeprefix('FAILED ').partition(' - ')[0]}")
    return killed


def _tested(
    folder: Path, mutant: Mutant | None, tests: list[str] | tuple[str, ...]
) -> subprocess.CompletedProcess[str]:
    """Run tests on a copy of the sources, changed by `mutant`."""
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    if mutant is not None:
        changed = folder / mutant.path
        text = changed.read_text()
        changed.write_text(text.replace(mutant.before, mutant.after))
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [*command, *dict.fromkeys(tests)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
