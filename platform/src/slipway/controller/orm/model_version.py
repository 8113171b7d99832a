"""Model versions."""

from typing import Any, ClassVar

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row, Stateful, at_most_one, known_state
from slipway.controller.states.model_version import CHAMPION


class ModelVersion(Stateful, Row):
    """An immutable artifact with its lineage, numbered per model."""

    __tablename__ = "model_version"
    __table_args__ = (
        UniqueConstraint("environment", "model", "version"),
        UniqueConstraint(
            "environment",
            "model",
            "artifact_digest",
            "image_uri",
            "image_digest",
            name="uq_model_version_content",
        ),
        at_most_one(
            "uq_model_version_champion",
            "environment",
            "model",
            where=f"state = '{CHAMPION}'",
        ),
        known_state("model_version"),
    )

    #: It is put in place after its number is known.
    mutable: ClassVar[frozenset[str] | None] = frozenset({"artifact_uri"})

    environment: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(64))
    version: Mapped[int]
    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    #: sha256 of the artifact's manifest, which names every file's.
    artifact_digest: Mapped[str] = mapped_column(String(80))
    artifact_uri: Mapped[str] = mapped_column(String(1024))
    #: sha256 of the archive itself, checked before it is deployed.
    archive_sha256: Mapped[str] = mapped_column(String(64))
    image_uri: Mapped[str] = mapped_column(String(512))
    #: What the store of images said that the URI is; empty: it did not say.
    image_digest: Mapped[str] = mapped_column(String(80), default="")
    metrics: Mapped[dict[str, Any]]
    #: Data, SQL and code digests, parameters, commit.
    lineage: Mapped[dict[str, Any]]

    def __str__(self) -> str:
        return f"Version {self.version} of {self.model}"
