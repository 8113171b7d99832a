"""I8: whatever is deployed, retired and collected, what is needed is never deleted."""

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slipway.controller.estate import Estate
from slipway.controller.garbage.collect import Collector, Wish
from slipway.controller.garbage.tombstones import retire_version
from slipway.controller.intents import DIGEST_TAG, Intent
from slipway.controller.operations import Ledger
from slipway.controller.orm import Deployment, Endpoint
from slipway.controller.pace import Pace
from slipway.controller.store import Database, Store
from slipway.controller.store.deployments import conclude
from slipway.controller.store.endpoints import want_endpoint
from slipway.errors import InvalidRequestError
from slipway.sagemaker.gateway import Accepted
from slipway.testing.fake_gateway import FakeGateway
from slipway.testing.fake_stores import Pictures, Shelf
from slipway.testing.rows import run_row, version_row

PACE = Pace(0.0, sleep=lambda _seconds: None)
ENDPOINT = "local-churn"
_numbers = itertools.count(1)


class Deleting(FakeGateway):
    """A fake that deletes, too, as SageMaker does: whatever it is asked to."""

    def _make(self, resource, name, payload):
        if self.calls[-1][0].startswith("Delete"):
            del self.resources[resource.noun, name]
            return Accepted(f"request-{len(self.calls)}")
        return super()._make(resource, name, payload)


class Churn:
    """A model whose versions are deployed, retired and collected in any order."""

    def __init__(self, url, folder):
        self.database = Database(url)
        self.store = Store(self.database)
        self.store.advance(self.store.add(run_row("r1")), "succeed")
        self.gateway, self.shelf = Deleting(), Shelf()
        self.estate = Estate(
            "local", "b", self.store, self.gateway, self.shelf, PACE, folder
        )
        self.live = 0

    def versions(self):
        return self.store.records.versions("churn", "local")

    def register(self):
        number = len(self.versions()) + 1
        uri = f"s3://b/local/churn/versions/{number}/model.tar.gz"
        self.shelf.held[uri] = b"archive"
        row = self.store.register(version_row(f"d{number}"))
        self.store.advance(row, "approve", artifact_uri=uri)

    def deploy(self, pick, *, ends):
        usable = [row for row in self.versions() if row.state != "retired"]
        if not usable or self.unfinished():
            return
        version = usable[pick % len(usable)]
        name, number = f"v{version.version}", version.version
        container = {"ModelDataUrl": version.artifact_uri, "Image": "i"}
        variants = {"ProductionVariants": [{"ModelName": name}]}
        self.perform("sagemaker_model", "Model", name, PrimaryContainer=container)
        self.perform("endpoint_config", "EndpointConfig", name, **variants)
        deployment = self.store.add(
            Deployment(
                environment="local",
                model="churn",
                run_id="r1",
                endpoint_name=ENDPOINT,
                version=number,
                endpoint_config_name=name,
                previous_config_name=f"v{self.live}" if self.live else "",
            )
        )
        wanted = Endpoint(
            name=ENDPOINT,
            environment="local",
            model="churn",
            desired_config_name=name,
            desired_version=number,
        )
        want_endpoint(self.store, wanted)
        self.gateway.resources["endpoint", ENDPOINT] = {"EndpointConfigName": name}
        self.live = number
        if ends:
            self.finish(deployment)

    def unfinished(self):
        latest = self.store.records.latest_deployment("churn", "local")
        return latest if latest and latest.state == "planned" else None

    def finish(self, deployment):
        verifying = self.store.advance(deployment, ("update", "verify"))
        rows = {row.version: row for row in self.versions()}
        conclude(self.store, verifying, rows[deployment.version], "")

    def perform(self, resource, noun, name, **members):
        tags = [
            {"Key": "slipway:model", "Value": "churn"},
            {"Key": DIGEST_TAG, "Value": name},
        ]
        payload = {f"{noun}Name": name, "Tags": tags, **members}
        Ledger(self.store, self.gateway, PACE, str).perform(
            Intent(
                key=f"local/churn/{resource}/{name}",
                run_id="r1",
                resource=resource,
                call=f"Create{noun}",
                digest=name,
                name=lambda _generation: name,
                payload=lambda _name, _generation: payload,
                owner={"slipway:model": "churn"},
            )
        )

    def retire(self, pick):
        versions = self.versions()
        if not versions:
            return
        number = versions[pick % len(versions)].version
        try:
            retire_version(self.estate, "churn", number, "test", lambda: None)
        except InvalidRequestError:
            assert number == self.live or self.champion() == number

    def champion(self):
        return next((v.version for v in self.versions() if v.state == "champion"), 0)

    def gc(self, keep):
        usable = [v for v in self.versions() if v.state != "retired"][:keep]
        before = dict(self.gateway.resources)
        collector = Collector(self.estate, Pictures(), str)
        assert collector.collect("churn", Wish(keep, apply=True)) is not None
        for version in usable:
            assert version.artifact_uri in self.shelf.held
            for noun in ("model", "endpoint configuration"):
                key = (noun, f"v{version.version}")
                assert (key in before) == (key in self.gateway.resources)

    def check(self):
        """What serves stands on what is there."""
        served = self.gateway.resources.get(("endpoint", ENDPOINT))
        if served is None:
            return
        name = served["EndpointConfigName"]
        assert ("endpoint configuration", name) in self.gateway.resources
        model = self.gateway.resources["model", name]
        assert model["PrimaryContainer"]["ModelDataUrl"] in self.shelf.held


STEPS = st.one_of(
    st.tuples(st.just("register")),
    st.tuples(st.just("deploy"), st.integers(0, 9), st.booleans()),
    st.tuples(st.just("finish")),
    st.tuples(st.just("retire"), st.integers(0, 9)),
    st.tuples(st.just("gc"), st.integers(0, 3)),
)


def take(churn, step, *given):
    if step == "deploy":
        churn.deploy(given[0], ends=given[1])
    elif step == "finish":
        unfinished = churn.unfinished()
        if unfinished:
            churn.finish(unfinished)
    else:
        getattr(churn, step)(*given)


@pytest.fixture
def fresh(sqlite_file, tmp_path):
    def make():
        path = tmp_path / f"{next(_numbers)}.db"
        path.write_bytes(sqlite_file.read_bytes())
        return Churn(f"sqlite:///{path}", tmp_path / "locks")

    return make


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_what_serves_and_the_last_versions_outlive_every_collection(fresh, steps):
    churn = fresh()
    for step in [("register",), ("register",), ("deploy", 0, True), *steps]:
        take(churn, *step)
        churn.check()
    churn.database.engine.dispose()
