"""Workers in processes of their own, a SageMaker in a folder, and one database."""

import multiprocessing
from pathlib import Path

from slipway.controller.intents import DIGEST_TAG, Intent
from slipway.controller.operations import Ledger
from slipway.controller.pace import Pace
from slipway.controller.store import Database, Store
from slipway.errors import ConflictError
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Accepted, Observation
from slipway.sagemaker.status import Meaning

OPERATIONS = 200


class FolderGateway:
    """What exists is a file: processes share it, and each call leaves a line."""

    def __init__(self, folder, worker):
        self.folder = folder
        self._calls = folder / f"{worker}.calls"

    def check(self, operation, payload):
        """Accept every payload."""

    def mutate(self, _operation, payload, resource):
        name = payload[resource.name_member]
        with self._calls.open("a") as calls:
            calls.write(f"{name}\n")
        try:
            (self.folder / name).touch(exist_ok=False)
        except FileExistsError as error:
            message = f"{name} exists"
            raise SageMakerError(message, fault=Fault.EXISTS) from error
        return Accepted(f"request-{name}", f"arn:{name}")

    def describe(self, _kind, name):
        if not (self.folder / name).exists():
            return None
        return Observation("", Meaning.SUCCEEDED, "", f"arn:{name}", {})

    def tags(self, arn):
        return {DIGEST_TAG: arn.removeprefix("arn:")}


def intent(number):
    name = f"churn-{number}"
    return Intent(
        key=f"local/{name}",
        run_id="r1",
        resource="sagemaker_model",
        call="CreateModel",
        digest=name,
        name=lambda _generation: name,
        payload=lambda name, _generation: {"ModelName": name, "Tags": []},
    )


def perform_and_count(url, folder, worker):
    """Ask for every operation, beginning elsewhere than others; count each on a row."""
    database = Database(url)
    store = Store(database)
    pace = Pace(0.0, sleep=lambda _seconds: None)
    ledger = Ledger(store, FolderGateway(Path(folder), worker), pace, lambda _s: None)
    for count in range(OPERATIONS):
        number = (count + worker * OPERATIONS // 8) % OPERATIONS
        if ledger.perform(intent(number)).state != "succeeded":
            raise AssertionError(number)
        _count(store)
    database.engine.dispose()


def _count(store):
    """Add one to a row that everybody changes, until nobody was quicker."""
    while True:
        try:
            store.amend(store.records.run("r1"), reason="counted")
        except ConflictError:
            continue
        return


def crowd(url, folder, workers):
    """Let so many processes work at once; return their exit codes."""
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=perform_and_count, args=(url, str(folder), worker))
        for worker in range(workers)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode for process in processes]
