"""A version's manifest that should be in S3: what a cell calls its intent."""

from dataclasses import dataclass

from fault_world import BUCKET

from slipway.controller.version_manifest import ARTIFACT, NAME, manifest
from slipway.s3.uri import S3Uri
from slipway.testing.rows import version_row


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
