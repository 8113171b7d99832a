"""The mutants: what is taken out of the controller, and which tests must notice."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[4]
SOURCE = ROOT / "platform" / "src"
_CELLS = "platform/tests/integration/faults/test_fault_matrix.py::test_the_cell_holds"
_TESTS = "platform/tests/integration/controller"


@dataclass(frozen=True)
class Mutant:
    """One thing that the controller must not do without."""

    name: str
    #: Below `platform/src/slipway/controller`.
    file: str
    #: What is there once, and what is put in its place.
    before: str
    after: str
    #: The tests that must fail; they pass without the change.
    tests: tuple[str, ...]

    @property
    def path(self) -> Path:
        """The changed file, below the folder of the sources."""
        return Path("slipway") / "controller" / self.file


def cells(*names: str) -> tuple[str, ...]:
    """Return the tests of cells, each on SQLite."""
    return tuple(f"{_CELLS}[sqlite-{name}]" for name in names)


MUTANTS = (
    Mutant(
        "no intent commit: the call is made before it is written",
        "operations.py",
        "            return intend(self._store, row, latest, digest_of(row.payload))\n",
        "            resource = RESOURCES[row.resource]\n"
        "            self._gateway.mutate(row.call, row.payload, resource)\n"
        "            return intend(self._store, row, latest, digest_of(row.payload))\n",
        cells("CreateModel-C1", "CreateModel-C2", "CreateModel-D3"),
    ),
    Mutant(
        "no tag check: whatever has the name is ours",
        "intents.py",
        "    return not creates(operation) or tags.get(DIGEST_TAG) == operation.digest\n",
        "    return True\n",
        (f"{_TESTS}/test_controller_ledger.py", *cells("CreateModel-A1")),
    ),
    Mutant(
        "no version check: the last writer wins",
        "store/writes.py",
        '            table.c.revision == bindparam("_revision"),\n',
        "",
        (f"{_TESTS}/test_controller_store.py",),
    ),
    Mutant(
        "no fencing: any lease will do",
        "store/leases.py",
        '            Lease.token == bindparam(f"_token_{number}"),\n'
        '            Lease.holder == bindparam(f"_holder_{number}"),\n',
        "",
        (f"{_TESTS}/test_controller_leases.py", *cells("CreateModel-K2")),
    ),
    Mutant(
        "no adopt branch: what is there is made again",
        "operations.py",
        "                if is_made(operation, seen):\n",
        "                if False:\n",
        cells("CreateModel-C3", "CreateModel-N2", "UpdateEndpoint-C3"),
    ),
)
