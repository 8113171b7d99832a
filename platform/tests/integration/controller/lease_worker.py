"""A worker in a process of its own: holds a model's lease, and writes when told to."""

import sys
from dataclasses import dataclass
from pathlib import Path

from slipway.controller.exclusive import moving
from slipway.controller.local_lock import LocalLock
from slipway.controller.store import Database, Leases, Store
from slipway.errors import SlipwayError


@dataclass(frozen=True)
class Worker:
    """What `moving` needs of a context, with a lease of another length."""

    store: Store
    folder: Path
    seconds: float
    leases: Leases
    lease: str = "local/churn"

    @property
    def lock(self):
        return LocalLock(self.folder / "churn")


def worker(database, folder, seconds, **options):
    leases = Leases(database, seconds=seconds, **options)
    return Worker(Store(database), folder, seconds, leases)


def tell(word):
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


def main(url, folder, seconds):
    mine = worker(Database(url), Path(folder), float(seconds))
    with moving(mine, lambda _seen: None) as held:
        tell("held")
        for line in sys.stdin:
            run = held.store.records.run("r1")
            try:
                held.store.advance(run, line.strip())
                tell("written")
            except SlipwayError as error:
                tell(error.code)


if __name__ == "__main__":
    main(*sys.argv[1:])
