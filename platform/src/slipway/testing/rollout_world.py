"""A model with versions to deploy, on SageMaker in memory and real tables."""

import hashlib
from pathlib import Path
from typing import Any, BinaryIO, cast

from slipway.controller.context import Context
from slipway.controller.observer import Silence
from slipway.controller.orm import Deployment, ModelVersion
from slipway.controller.pace import Pace
from slipway.controller.store import Database, Store
from slipway.s3.objects import Objects
from slipway.s3.uri import S3Uri
from slipway.sagemaker.gateway import Gateway
from slipway.settings import find_root, load_settings
from slipway.spec import DeploymentPolicy, ModelSpec
from slipway.testing.fake_endpoints import FakeSageMaker
from slipway.testing.rows import ENVIRONMENT, MODEL, run_row, version_row

_ARCHIVE = b"an archive"
_SPEC = {
    "name": MODEL,
    "owner": "tests",
    "description": "d",
    "key": "id",
    "target": "y",
    "columns": {"id": {"type": "integer"}, "y": {"type": "integer"}},
}
#: A canary that an alarm watches.
CANARY = {
    "strategy": "canary",
    "canary_percent": 10,
    "bake_seconds": 60,
    "alarms": [{"metric": "error_rate", "above": 0.01}],
}


class Heard(Silence):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def step_note(self, step: str, text: str) -> None:
        """Keep a line."""
        del step
        self.notes.append(text)


class FakeObjects:
    """S3 where every archive is the same."""

    def download(self, uri: S3Uri, file: BinaryIO) -> str:
        """Write the archive; return its digest."""
        del uri
        file.write(_ARCHIVE)
        return hashlib.sha256(_ARCHIVE).hexdigest()

    def exists(self, uri: S3Uri) -> bool:
        """Return whether there is a tombstone: there is none."""
        del uri
        return False

    def read(self, uri: S3Uri) -> bytes:
        """Return a request."""
        del uri
        return b"{}"


class QuickContext(Context):
    """A context whose waits pass on the fake's clock."""

    @property
    def pace(self) -> Pace:
        """Wait for nothing."""
        clock = cast("FakeSageMaker", self.gateway).clock
        return Pace(5.0, sleep=clock.sleep, draw=lambda: 0.5)


class RolloutWorld:
    """A model, and who works on it."""

    def __init__(self, database: Database) -> None:
        self.sagemaker, self.heard = FakeSageMaker(), Heard()
        self.store = Store(database, now=self.sagemaker.clock.now)
        self.store.add(run_row("r1"))
        self.endpoint = f"{ENVIRONMENT}-{MODEL}"

    def context(self, **deployment: Any) -> QuickContext:
        """Return the model's context, with a way to shift the traffic."""
        settings = load_settings(find_root(Path(__file__)), ENVIRONMENT, {})
        spec = ModelSpec.model_validate(_SPEC)
        policy = DeploymentPolicy.model_validate(deployment)
        return QuickContext(
            settings=settings,
            spec=spec.deployed_by(policy),
            folder=Path(),
            store=self.store,
            gateway=cast("Gateway", self.sagemaker),
            objects=cast("Objects", FakeObjects()),
            observer=self.heard,
        )

    def version(self, digest: str) -> ModelVersion:
        """Register and approve a version with an artifact of its own."""
        row = version_row(digest)
        row.image_uri = f"registry/{digest}"
        row.archive_sha256 = hashlib.sha256(_ARCHIVE).hexdigest()
        made = self.store.register(row)
        uri = f"s3://bucket/{made.version}/model.tar.gz"
        return self.store.advance(made, "approve", artifact_uri=uri)

    @property
    def last(self) -> Deployment:
        """The last deployment."""
        found = self.store.records.latest_deployment(MODEL, ENVIRONMENT)
        assert found is not None  # noqa: S101 - a test asks for what is there
        return found

    @property
    def champion(self) -> int | None:
        """The number of the version that serves by the tables."""
        versions = self.store.records.versions(MODEL, ENVIRONMENT)
        return next((v.version for v in versions if v.state == "champion"), None)

    @property
    def served(self) -> str:
        """The number of the version that serves by its answer."""
        container = self.sagemaker.serving(self.endpoint)["PrimaryContainer"]
        return str(container["Environment"]["SLIPWAY_MODEL_VERSION"])

    def sent(self, operation: str = "UpdateEndpoint") -> list[str]:
        """Return the configs of the calls of an operation."""
        return [
            payload["EndpointConfigName"]
            for call, payload in self.sagemaker.calls
            if call == operation
        ]
