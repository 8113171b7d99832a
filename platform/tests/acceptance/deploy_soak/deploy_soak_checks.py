"""What must hold of a deploy that was killed and asked for again: I1 to I11."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from slipway.controller.orm import Operation
from slipway.controller.store import Database, Store
from slipway.controller.sweep import orphans
from slipway.sagemaker.gateway import Gateway
from slipway.settings import load_settings
from slipway.testing import invariants
from slipway.testing.checkout import Checkout
from slipway.testing.fault_switches import FaultClient
from slipway.testing.toy_images import process_image

ENVIRONMENT = "local"
OWNER = {"slipway:environment": ENVIRONMENT}
#: Somebody else's, named as ours are.
_STRANGER = "local-tumor-malignancy-v1-000000000000"
_IMAGE = "000000000000.dkr.ecr.eu-west-1.amazonaws.com/slipway/theirs:1"
_THEIRS = [{"Key": "owner", "Value": "somebody else"}]


def plant_strangers(home: Checkout) -> Mapping[str, Any]:
    """Make what is somebody else's, named as ours is; return how it is described."""
    client, script = home.client("sagemaker"), home.state / "theirs.py"
    script.write_text("")
    process_image(home.state / "images", _IMAGE, script)
    client.create_model(
        ModelName=_STRANGER,
        ExecutionRoleArn="arn:aws:iam::000000000000:role/theirs",
        PrimaryContainer={"Image": _IMAGE},
        Tags=_THEIRS,
    )
    variant = {
        "VariantName": "primary",
        "ModelName": _STRANGER,
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
    }
    client.create_endpoint_config(
        EndpointConfigName=_STRANGER, ProductionVariants=[variant], Tags=_THEIRS
    )
    return described_strangers(home)


def described_strangers(home: Checkout) -> Mapping[str, Any]:
    """Return what is somebody else's as it is now, with its tags."""
    client = home.client("sagemaker")
    config = client.describe_endpoint_config(EndpointConfigName=_STRANGER)
    found = {}
    for kind, seen in (
        ("ModelArn", client.describe_model(ModelName=_STRANGER)),
        ("EndpointConfigArn", config),
    ):
        tags = client.list_tags(ResourceArn=seen[kind])["Tags"]
        told = {k: v for k, v in seen.items() if k != "ResponseMetadata"}
        found[seen[kind]] = {**told, "Tags": tags}
    return found


def broken(
    home: Checkout, model: str, faults: FaultClient, strangers: Mapping[str, Any]
) -> list[str]:
    """Return what does not hold of the model, a sentence for each.

    `strangers` is how what is somebody else's was described before.
    """
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
        *_adopted(home, model, database),
        *invariants.others_untouched(strangers, described_strangers(home), OWNER),
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


def _gateway(home: Checkout) -> Gateway:
    port = {"SLIPWAY_PORT": str(home.port)}
    return Gateway(load_settings(Path(home.root), ENVIRONMENT, port))


def _unknown(home: Checkout, model: str, database: Database) -> list[str]:
    """I2: whatever has the model's tags has a row."""
    owner = {**OWNER, "slipway:model": model}
    found = orphans(Store(database), _gateway(home), owner, ENVIRONMENT)
    return [f"{orphan.name} has no row" for orphan in found]


def _adopted(home: Checkout, model: str, database: Database) -> list[str]:
    """I3: what the last run made or adopted is its own."""
    gateway, records = _gateway(home), Store(database).records
    [run] = records.latest_runs(model, ENVIRONMENT, 1)

    def tags(operation: Operation) -> Mapping[str, str]:
        seen = gateway.describe(operation.resource, operation.name)
        return gateway.tags(seen.arn) if seen is not None else {}

    return invariants.adopted_are_ours(records.operations(run.run_id), tags)


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
