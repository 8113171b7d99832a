"""What should be in S3, once: a version's manifest, and its tombstone."""

from dataclasses import dataclass

from fault_world import BUCKET

from slipway.controller.garbage.tombstones import VERSION
from slipway.controller.version_manifest import ARTIFACT, NAME, manifest
from slipway.s3.layout import Layout
from slipway.s3.uri import S3Uri
from slipway.testing.rows import version_row

REASON = "leaked labels"


@dataclass(frozen=True)
class Put:
    """The first version's manifest."""

    digest: str

    @property
    def folder(self):
        return S3Uri(BUCKET, f"{self.digest}/versions/1/")

    @property
    def uri(self):
        return self.folder / NAME

    def name(self, _generation):
        return f"{self.uri.bucket}/{self.uri.key}"

    def row(self):
        made = version_row(self.digest)
        made.version = 1
        return made

    def content(self):
        return manifest(self.row(), self.folder / ARTIFACT)

    def is_ours(self, stored):
        return stored == self.content()


@dataclass(frozen=True)
class Tombstone(Put):
    """The first version's tombstone, of a model of its own."""

    @property
    def uri(self):
        return Layout(BUCKET, "local", self.digest).tombstone(VERSION, "1")

    def row(self):
        made = super().row()
        made.model = self.digest
        return made

    def content(self):
        return {"environment": "local", "model": self.digest, "reason": REASON}

    def is_ours(self, stored):
        return stored.items() >= self.content().items()
