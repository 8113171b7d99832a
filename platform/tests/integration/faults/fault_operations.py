"""The first table: each operation, how it is prepared, and how it ends."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from fault_manifest import Put, Tombstone
from fault_world import BUCKET, OWNER

from slipway.controller.intents import DIGEST_TAG, Intent
from slipway.controller.store.calls import intend
from slipway.digests import digest_of
from slipway.sagemaker.resources import RESOURCES

REGISTRY = "000000000000.dkr.ecr.eu-west-1.amazonaws.com"
QUICK, LONG, SERVE = (f"{REGISTRY}/slipway/toy:{tag}" for tag in ("q", "l", "s"))
ROLE = "arn:aws:iam::000000000000:role/slipway"
CLUSTER = {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}
LIMIT = {"StoppingCondition": {"MaxRuntimeInSeconds": 600}}
AT_ONCE = {
    "BlueGreenUpdatePolicy": {
        "TrafficRoutingConfiguration": {
            "Type": "ALL_AT_ONCE",
            "WaitIntervalInSeconds": 0,
        },
        "TerminationWaitInSeconds": 0,
    }
}


def tags(owner):
    return [{"Key": key, "Value": value} for key, value in owner.items()]


def processing(name, image, _world):
    return {
        "AppSpecification": {"ImageUri": image},
        "RoleArn": ROLE,
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        **LIMIT,
    }


def training(name, image, _world):
    return {
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "ResourceConfig": CLUSTER,
        **LIMIT,
    }


def transform(name, image, world):
    model = f"{name}-m"
    make_model(world, model, LONG if image == LONG else SERVE)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/in/"}
    return {
        "ModelName": model,
        "TransformInput": {"DataSource": {"S3DataSource": source}},
        "TransformOutput": {"S3OutputPath": f"s3://{BUCKET}/out"},
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
    }


def model(name, _image, _world):
    container = {"Image": SERVE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"}
    return {"ExecutionRoleArn": ROLE, "PrimaryContainer": container}


def endpoint_config(name, _image, world):
    make_model(world, f"{name}-m")
    variant = {
        "VariantName": "primary",
        "ModelName": f"{name}-m",
        "InstanceType": "ml.m5.large",
        "InitialInstanceCount": 1,
        "InitialVariantWeight": 1.0,
    }
    return {"ProductionVariants": [variant]}


def endpoint(name, _image, world):
    make_config(world, f"{name}-c")
    world.endpoints.append(name)
    return {"EndpointConfigName": f"{name}-c"}


#: Of each resource: what a create asks for beside its name and tags.
CREATES = {
    "processing_job": processing,
    "training_job": training,
    "transform_job": transform,
    "sagemaker_model": model,
    "endpoint_config": endpoint_config,
    "endpoint": endpoint,
}


def make_model(world, name, image=None):
    given = model(name, None, world)
    if image:
        given["PrimaryContainer"]["Image"] = image
    world.sagemaker.create_model(ModelName=name, **given)


def make_config(world, name):
    given = endpoint_config(name, None, world)
    world.sagemaker.create_endpoint_config(EndpointConfigName=name, **given)


def create_payload(resource, world, name, image, owner):
    member = RESOURCES[resource].name_member
    given = CREATES[resource](name, image, world)
    return {member: name, **given, "Tags": tags(owner)}


def create_intent(world, resource, image=QUICK, suffix=""):
    name = f"{world.prefix}{suffix}"
    digest = digest_of([name])
    owner = {**OWNER, DIGEST_TAG: digest}
    payload = create_payload(resource, world, name, image, owner)
    return Intent(
        key=f"local/churn/{name}",
        run_id="r1",
        resource=resource,
        call=RESOURCES[resource].create,
        digest=digest,
        name=lambda _generation: name,
        payload=lambda _name, _generation: payload,
        owner=OWNER,
    )


def there(world, intent, owner=None):
    """Make what an intent asks for, by hand, with tags of one's own; wait for it."""
    resource = RESOURCES[intent.resource]
    payload = dict(intent.payload("", 1))
    if owner is not None:
        payload["Tags"] = tags(owner)
    world.gateway._call(intent.call, payload, resource, once=True)
    return payload


def submitted(world, resource, image=LONG):
    """Return the operation of a job that is under way; its command is gone."""
    intent = create_intent(world, resource, image)
    there(world, intent, {**OWNER, DIGEST_TAG: intent.digest})
    made = intent.row(1)
    operation, _call = intend(world.store, made, None, digest_of(made.payload))
    return world.store.advance(operation, "submit")


def settled(world, name):
    while True:
        seen = world.gateway.describe("endpoint", name)
        if seen.status in {"InService", "Failed"}:
            return seen
        world.sleep(0)


def change(resource, call, members):
    """Return what prepares a change of, or an end to, something that is there."""

    def prepare(world, *, owner=None, image=QUICK):
        made = create_intent(world, resource)
        mine = {**OWNER, DIGEST_TAG: made.digest}
        there(world, made, mine if owner is None else owner)
        name = made.name(1)
        if resource == "endpoint":
            settled(world, name)
        payload = {RESOURCES[resource].name_member: name, **members(world, name)}
        return replace(
            made,
            key=f"{made.key}/{call}",
            call=call,
            payload=lambda _name, _generation: payload,
        )

    return prepare


def update(world, name):
    make_config(world, f"{name}-d")
    return {"EndpointConfigName": f"{name}-d", "DeploymentConfig": AT_ONCE}


def roll_back(world, name):
    """The endpoint went on to another config; the first one is asked for again."""
    config = update(world, name)["EndpointConfigName"]
    world.sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=config)
    settled(world, name)
    return {"EndpointConfigName": f"{name}-c", "DeploymentConfig": AT_ONCE}


def capacities(_world, _name):
    asked = {"VariantName": "primary", "DesiredInstanceCount": 2}
    return {"DesiredWeightsAndCapacities": [asked]}


def nothing(_world, _name):
    return {}


@dataclass(frozen=True)
class Operation:
    """One row of the table."""

    #: `creates`, `changes`, `deletes`, `stops`, `puts` or `waits`.
    kind: str
    resource: str
    #: The call that may change something.
    call: str
    #: World → the intent.
    prepare: Callable


def creating(resource):
    def prepare(world, *, owner=None, image=QUICK):
        return create_intent(world, resource, image)

    return Operation("creates", resource, RESOURCES[resource].create, prepare)


def stopping(resource):
    def prepare(world, *, owner=None, image=QUICK):
        intent = create_intent(world, resource, LONG)
        mine = {**OWNER, DIGEST_TAG: intent.digest}
        payload = there(world, intent, mine if owner is None else owner)
        row = intent.row(1)
        operation, _call = intend(world.store, row, None, digest_of(payload))
        world.store.advance(operation, "submit")
        return intent

    return Operation("stops", resource, RESOURCES[resource].stop, prepare)


def waiting(resource, make):
    def prepare(world, *, owner=None, image=QUICK):
        intent = make(world, image)
        row = intent.row(1)
        digest = digest_of(row.payload)
        operation, _call = intend(world.store, row, None, digest)
        there(world, intent)
        world.store.advance(operation, "submit")
        return intent

    return Operation("waits", resource, RESOURCES[resource].describe, prepare)


def job(resource):
    return waiting(resource, lambda w, image: create_intent(w, resource, image))


def changing(resource, call, members):
    kind = "deletes" if call.startswith("Delete") else "changes"
    return Operation(kind, resource, call, change(resource, call, members))


_UPDATE = changing("endpoint", "UpdateEndpoint", update)
OPERATIONS = {
    "CreateProcessingJob": creating("processing_job"),
    "StopProcessingJob": stopping("processing_job"),
    "CreateTrainingJob": creating("training_job"),
    "StopTrainingJob": stopping("training_job"),
    "CreateTransformJob": creating("transform_job"),
    "CreateModel": creating("sagemaker_model"),
    "CreateEndpointConfig": creating("endpoint_config"),
    "CreateEndpoint": creating("endpoint"),
    "UpdateEndpoint": _UPDATE,
    "rollback": changing("endpoint", "UpdateEndpoint", roll_back),
    "UpdateWeights": changing(
        "endpoint", "UpdateEndpointWeightsAndCapacities", capacities
    ),
    "DeleteEndpoint": changing("endpoint", "DeleteEndpoint", nothing),
    "DeleteEndpointConfig": changing(
        "endpoint_config", "DeleteEndpointConfig", nothing
    ),
    "DeleteModel": changing("sagemaker_model", "DeleteModel", nothing),
    "PutManifest": Operation(
        "puts", "object", "PutObject", lambda world, **_options: Put(world.prefix)
    ),
    "PutTombstone": Operation(
        "puts", "object", "PutObject", lambda world, **_options: Tombstone(world.prefix)
    ),
    "wait processing": job("processing_job"),
    "wait training": job("training_job"),
    "wait transform": job("transform_job"),
    "bake": waiting("endpoint", lambda w, image: _UPDATE.prepare(w, image=image)),
}
