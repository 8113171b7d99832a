"""What must hold of a deploy that was killed and asked for again: I1 to I11."""

from collections import Counter
from pathlib import Path

from slipway.controller.store import Database, Store
from slipway.controller.sweep import orphans
from slipway.sagemaker.gateway import Gateway
from slipway.settings import load_settings
from slipway.testing import invariants
from slipway.testing.checkout import Checkout
from slipway.testing.fault_switches import FaultClient

ENVIRONMENT = "local"


def broken(home: Checkout, model: str, faults: FaultClient) -> list[str]:
    """Return what does not hold of the model, a sentence for each."""
    database = Database(f"sqlite:///{home.state}/{ENVIRONMENT}/controller.db")
    calls = [call for call in faults.calls() if call.service == "sagemaker"]
    carried_out = [(call.operation, call.name) for call in calls if call.executed]
    created = [place for place in carried_out if place[0].startswith("Create")]
    found = [
        *invariants.one_object_per_generation(database, created),
        *invariants.history_is_the_state(database),
        *invariants.no_stale_writer(database),
        *invariants.no_needless_call(database),
        *invariants.every_call_is_logged(database, carried_out),
        *(f"deleted: {place}" for place in carried_out if place[0].startswith("Del")),
        *_unknown(home, model, database),
        *_served(home, model, database),
    ]
    database.engine.dispose()
    return found


def asked_twice(faults: FaultClient) -> int:
    """Return how many creates reached the server beyond the first of each name."""
    calls = Counter(
        (call.operation, call.name)
        for call in faults.calls("Create*")
        if call.service == "sagemaker"
    )
    return sum(calls.values()) - len(calls)


def _unknown(home: Checkout, model: str, database: Database) -> list[str]:
    """I2 and I3: whatever has the model's tags has a row."""
    root, port = Path(home.root), str(home.port)
    gateway = Gateway(load_settings(root, ENVIRONMENT, {"SLIPWAY_PORT": port}))
    owner = {"slipway:environment": ENVIRONMENT, "slipway:model": model}
    found = orphans(Store(database), gateway, owner, ENVIRONMENT)
    return [f"{orphan.name} has no row" for orphan in found]


def _served(home: Checkout, model: str, database: Database) -> list[str]:
    """I7 and I8: the endpoint serves the champion, whose config and model exist."""
    records = Store(database).records
    client = home.client("sagemaker")
    name = f"{ENVIRONMENT}-{model}".replace("_", "-")
    seen = client.describe_endpoint(EndpointName=name)
    row = records.endpoint(name)
    config = client.describe_endpoint_config(
        EndpointConfigName=seen["EndpointConfigName"]
    )
    for variant in config["ProductionVariants"]:
        client.describe_model(ModelName=variant["ModelName"])
    champion = next(
        version
        for version in records.versions(model, ENVIRONMENT)
        if version.state == "champion"
    )
    serves = seen["EndpointStatus"], seen["EndpointConfigName"]
    should = "InService", row.desired_config_name if row else ""
    if serves != should or row is None or row.desired_version != champion.version:
        return [f"{name} is {serves}, not {should} with version {champion.version}"]
    return []
