"""A model with versions to deploy, on SageMaker in memory and real tables."""

import hashlib
from pathlib import Path
from typing import Any, cast

from slipway.controller.context import Context
from slipway.controller.estate import Estate
from slipway.controller.garbage.collect import Collector, Judged, Wish
from slipway.controller.observer import Silence
from slipway.controller.orm import Deployment, ModelVersion
from slipway.controller.pace import Pace
from slipway.controller.store import Database, Store
from slipway.s3.objects import Objects
from slipway.sagemaker.gateway import Gateway
from slipway.settings import find_root, load_settings
from slipway.spec import DeploymentPolicy, ModelSpec
from slipway.testing.fake_endpoints import FakeSageMaker, digest_of_image
from slipway.testing.fake_stores import Picture, Pictures, Shelf
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
        #: What was waited for, and for whom.
        self.waited: list[str] = []

    def waits(self, text: str) -> None:
        """Keep what is waited for."""
        self.waited.append(text)

    def step_note(self, step: str, text: str) -> None:
        """Keep a line."""
        del step
        self.notes.append(text)


class QuickContext(Context):
    """A context whose waits pass on the fake's clock."""

    @property
    def pace(self) -> Pace:
        """Wait for nothing."""
        clock = cast("FakeSageMaker", self.gateway).clock
        return Pace(5.0, sleep=clock.sleep, draw=lambda: 0.5)


class RolloutWorld:
    """A model, and who works on it; `folder` is the state of their machine."""

    def __init__(
        self, database: Database, folder: Path, sagemaker: FakeSageMaker | None = None
    ) -> None:
        self.sagemaker, self.heard = sagemaker or FakeSageMaker(), Heard()
        self.shelf, self.pictures = Shelf(), Pictures()
        #: What the store of images says of one; of others, what they always were.
        self.digests: dict[str, str] = {}
        self.store = Store(database, now=self.sagemaker.clock.now)
        self.store.add(run_row("r1"))
        self.endpoint = f"{ENVIRONMENT}-{MODEL}"
        variables = {"SLIPWAY_STATE": str(folder)}
        root = find_root(Path(__file__))
        self._settings = load_settings(root, ENVIRONMENT, variables)

    def context(self, **deployment: Any) -> QuickContext:
        """Return the model's context, with a way to shift the traffic."""
        spec = ModelSpec.model_validate(_SPEC)
        policy = DeploymentPolicy.model_validate(deployment)
        return QuickContext(
            settings=self._settings,
            spec=spec.deployed_by(policy),
            folder=Path(),
            store=self.store,
            gateway=cast("Gateway", self.sagemaker),
            objects=cast("Objects", self.shelf),
            observer=self.heard,
            image_digest=lambda uri: self.digests.get(uri, digest_of_image(uri)),
        )

    def version(self, digest: str, image_digest: str | None = None) -> ModelVersion:
        """Register and approve a version with an image and an artifact of its own."""
        row = version_row(digest)
        row.image_uri = f"registry/{digest}"
        named = digest_of_image(row.image_uri)
        row.image_digest = named if image_digest is None else image_digest
        row.archive_sha256 = hashlib.sha256(_ARCHIVE).hexdigest()
        made = self.store.register(row)
        folder = self.context().layout.version(made.version)
        self.shelf.write(folder / "model.tar.gz", _ARCHIVE)
        self.shelf.write(folder / "smoke_request.json", b"{}")
        self.pictures.held.append(Picture(row.image_uri))
        uri = str(folder / "model.tar.gz")
        return self.store.advance(made, "approve", artifact_uri=uri)

    def estate(self) -> Estate:
        """Return the environment."""
        context = self.context()
        return Estate(
            ENVIRONMENT,
            context.layout.bucket,
            context.store,
            context.gateway,
            context.objects,
            context.pace,
            context.settings.state / "locks",
        )

    def collect(self, *, keep: int) -> list[Judged]:
        """Delete what nothing needs; return what became of each thing."""
        collector = Collector(self.estate(), self.pictures, lambda _text: None)
        return [*(collector.collect(MODEL, Wish(keep, apply=True)) or ())]

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
