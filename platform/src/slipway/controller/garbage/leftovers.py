"""What a model left behind: each thing with its size, and why it is kept, if it is."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from slipway.controller.estate import Estate
from slipway.controller.garbage.references import References
from slipway.controller.garbage.tombstones import RUN, VERSION
from slipway.controller.intents import DIGEST_TAG, delete_key
from slipway.controller.states.pipeline import RETIRED
from slipway.controller.store.remains import Made, Remains
from slipway.s3.uri import S3Uri
from slipway.sagemaker.gateway import Observation

#: How long a new image is kept whatever is known of it: its run may begin any moment.
_NEW = dt.timedelta(hours=1)


class StoredImage(Protocol):
    """A model's image on this machine."""

    @property
    def uri(self) -> str:
        """What jobs name it by."""

    @property
    def bytes(self) -> int:
        """What it takes up."""

    @property
    def built_at(self) -> dt.datetime:
        """When it was made."""


class ImageStore(Protocol):
    """The images of this machine."""

    def images(self, model: str) -> Sequence[StoredImage]:
        """Return a model's images."""

    def remove(self, uri: str) -> bool:
        """Remove an image; tell if it is gone: one that runs stays."""


@dataclass(frozen=True)
class Leftover:
    """One thing that is there."""

    #: `endpoint_config`, `sagemaker_model`, `version`, `run` or `image`.
    kind: str
    model: str
    name: str
    #: Why it is kept; empty: it can go.
    kept: str
    #: What it takes up; None: nothing that is paid for.
    bytes: int | None = None
    #: Of what the ledger made: the operation that made it.
    made: Made | None = None
    #: Of what is in S3: where.
    prefix: S3Uri | None = None


@dataclass(frozen=True)
class Leftovers:
    """The walk over one model's things, in the order in which they go."""

    estate: Estate
    model: str
    needed: References
    images: ImageStore

    @property
    def _remains(self) -> Remains:
        return Remains(self.estate.store.database, self.estate.environment, self.model)

    def __iter__(self) -> Iterator[Leftover]:
        """Yield configs before the models in them, and artifacts after those."""
        made = self._remains.made()
        for resource in ("endpoint_config", "sagemaker_model"):
            for one in made:
                if one.resource == resource:
                    yield from self._resource(one)
        yield from self._versions()
        yield from self._runs()
        yield from self._images()

    def _resource(self, made: Made) -> Iterator[Leftover]:
        kept = self.needed.reason(made.resource, made.name)
        if not kept:
            if self._is_deleted(made):
                return
            seen = self._describe(made)
            if seen is None:
                return
            kept = self._foreign(made, seen)
        yield Leftover(made.resource, self.model, made.name, kept, made=made)

    def _versions(self) -> Iterator[Leftover]:
        layout = self.estate.layout(self.model)
        versions = self.estate.store.records.versions(
            self.model, self.estate.environment
        )
        for version in versions:
            if version.state == RETIRED:
                number = str(version.version)
                prefix = layout.version(version.version)
                tombstone = layout.tombstone(VERSION, number)
                yield from self._stored("version", number, prefix, tombstone)

    def _runs(self) -> Iterator[Leftover]:
        layout = self.estate.layout(self.model)
        for run in self._remains.runs(RETIRED):
            prefix = layout.run(run.run_id)
            tombstone = layout.tombstone(RUN, run.run_id)
            yield from self._stored("run", run.run_id, prefix, tombstone)

    def _stored(
        self, kind: str, name: str, prefix: S3Uri, tombstone: S3Uri
    ) -> Iterator[Leftover]:
        """Yield what is below a prefix, if anything is: it goes after its tombstone only."""
        size = sum(found.bytes for found in self.estate.objects.list(prefix))
        if not size:
            return
        kept = self.needed.reason(kind, name)
        if not kept and not self.estate.objects.exists(tombstone):
            kept = f"its tombstone is not in S3: invoke retire writes it ({tombstone})"
        yield Leftover(kind, self.model, name, kept, bytes=size, prefix=prefix)

    def _images(self) -> Iterator[Leftover]:
        now = self.estate.store.now()
        for image in self.images.images(self.model):
            kept = self.needed.reason("image", image.uri)
            if not kept and now - image.built_at < _NEW:
                kept = "it was built within the hour"
            yield Leftover("image", self.model, image.uri, kept, bytes=image.bytes)

    def _is_deleted(self, made: Made) -> bool:
        key = delete_key(made.key, made.generation)
        last = self.estate.store.records.latest_operation(key)
        return last is not None and last.state == "succeeded"

    def _describe(self, made: Made) -> Observation | None:
        return self.estate.gateway.describe(made.resource, made.name)

    def _foreign(self, made: Made, seen: Observation) -> str:
        """Say why a resource is not ours to delete; empty: it is as it was made."""
        tags = self.estate.gateway.tags(seen.arn)
        wanted = {**made.owner, DIGEST_TAG: made.digest}
        other = [key for key, value in wanted.items() if tags.get(key) != value]
        if not other:
            return ""
        return f"it is not the one that Slipway made: its tag {other[0]!r} differs"
