"""A model with versions on a real server, of which some serve, some did, some are old."""

import boto3
from fault_operations import ROLE, SERVE, settled

from slipway.controller.estate import Estate
from slipway.controller.garbage.collect import Collector, Wish
from slipway.controller.intents import DIGEST_TAG, Intent
from slipway.controller.operations import Ledger
from slipway.controller.orm import Deployment, Endpoint
from slipway.controller.pace import Pace
from slipway.controller.store.deployments import conclude
from slipway.controller.store.endpoints import want_endpoint
from slipway.digests import digest_of
from slipway.s3.objects import Objects
from slipway.testing.fake_stores import Picture, Pictures
from slipway.testing.rows import version_row

OWNER = {"slipway:environment": "local", "slipway:model": "churn"}


class Churn:
    """The model `churn` in an environment of its own."""

    def __init__(self, world, folder):
        self.world, self.store = world, world.store
        server = world.rig.server
        self.s3 = boto3.client("s3", **server.client_settings)
        self.bucket = f"gc-{world.prefix}"
        self.s3.create_bucket(
            Bucket=self.bucket,
            CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
        )
        self.archive = self.s3.get_object(Bucket="faults", Key="model.tar.gz")[
            "Body"
        ].read()
        pace = Pace(1.0, sleep=world.sleep, draw=lambda: 0.5)
        objects = Objects(world.gateway._settings)
        self.estate = Estate(
            "local", self.bucket, self.store, world.gateway, objects, pace, folder
        )
        self.pictures = Pictures()
        self.endpoint = f"{world.prefix}-live"
        self.serving = ""

    def name(self, number):
        return f"{self.world.prefix}-v{number}"

    def image(self, number):
        return f"r/slipway/churn:{number}"

    def version(self, number):
        """Register and approve a version, and make what serves it."""
        key = f"local/churn/versions/{number}/model.tar.gz"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=self.archive)
        row = version_row(f"d{number}")
        row.image_uri = self.image(number)
        uri = f"s3://{self.bucket}/{key}"
        made = self.store.advance(self.store.register(row), "approve", artifact_uri=uri)
        assert made.version == number
        self.pictures.held.append(Picture(made.image_uri))
        self.make(number)
        return made

    def make(self, number):
        """Make the SageMaker model and the endpoint config of a version."""
        name = self.name(number)
        uri = f"s3://{self.bucket}/local/churn/versions/{number}/model.tar.gz"
        container = {"Image": SERVE, "ModelDataUrl": uri}
        variant = {
            "VariantName": "primary",
            "ModelName": name,
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1.0,
        }
        self.perform(
            "sagemaker_model",
            {
                "ModelName": name,
                "ExecutionRoleArn": ROLE,
                "PrimaryContainer": container,
            },
        )
        self.perform(
            "endpoint_config",
            {"EndpointConfigName": name, "ProductionVariants": [variant]},
        )

    def perform(self, resource, members):
        call = {
            "sagemaker_model": "CreateModel",
            "endpoint_config": "CreateEndpointConfig",
        }[resource]
        name = next(iter(members.values()))
        digest = digest_of([resource, name])
        owner = {**OWNER, DIGEST_TAG: digest}
        tags = [{"Key": key, "Value": value} for key, value in owner.items()]
        ledger = Ledger(self.store, self.world.gateway, self.estate.pace, str)
        ledger.perform(
            Intent(
                key=f"local/churn/{resource}/{name}",
                run_id="r1",
                resource=resource,
                call=call,
                digest=digest,
                name=lambda _generation: name,
                payload=lambda _name, _generation: {**members, "Tags": tags},
                owner=OWNER,
            )
        )

    def deploy(self, number):
        """Let a version serve, verified."""
        config = self.name(number)
        sagemaker = self.world.sagemaker
        asked = {"EndpointName": self.endpoint, "EndpointConfigName": config}
        if self.serving:
            sagemaker.update_endpoint(**asked)
        else:
            sagemaker.create_endpoint(**asked)
            self.world.endpoints.append(self.endpoint)
        settled(self.world, self.endpoint)
        deployment = self.store.advance(self.begin(number), ("update", "verify"))
        want_endpoint(
            self.store,
            Endpoint(
                name=self.endpoint,
                environment="local",
                model="churn",
                desired_config_name=config,
                desired_version=number,
            ),
        )
        conclude(self.store, deployment, self.row(number), "")
        self.serving = config

    def begin(self, number):
        return self.store.add(
            Deployment(
                environment="local",
                model="churn",
                run_id="r1",
                endpoint_name=self.endpoint,
                version=number,
                endpoint_config_name=self.name(number),
                previous_config_name=self.serving,
            )
        )

    def row(self, number):
        versions = self.store.records.versions("churn", "local")
        return next(row for row in versions if row.version == number)

    def gc(self, *, keep=1, apply=True):
        """Collect; return what became of each thing, by kind and name."""
        collector = Collector(self.estate, self.pictures, lambda _text: None)
        found = collector.collect("churn", Wish(keep, apply))
        if found is None:
            return None
        return {
            (one.leftover.kind, one.leftover.name): (
                "gone" if one.gone else one.leftover.kept or "would go"
            )
            for one in found
        }

    def there(self):
        """The numbers of the versions whose config, model and files are there."""
        numbers = range(1, 9)
        describe = self.world.gateway.describe
        listed = self.s3.list_objects_v2(
            Bucket=self.bucket, Prefix="local/churn/versions/"
        )
        files = {int(item["Key"].split("/")[3]) for item in listed.get("Contents", [])}
        return {
            "configs": [
                n for n in numbers if describe("endpoint_config", self.name(n))
            ],
            "models": [n for n in numbers if describe("sagemaker_model", self.name(n))],
            "files": sorted(files),
        }
