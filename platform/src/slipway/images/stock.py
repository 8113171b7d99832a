"""The images of this machine: listed, and removed."""

import datetime as dt
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from slipway.images.process_image import FILE_NAME, folder_of
from slipway.names import dashed


@dataclass(frozen=True)
class StockedImage:
    """One image that is there."""

    uri: str
    bytes: int
    built_at: dt.datetime


@dataclass(frozen=True)
class Stock:
    """The process images and the container images of one registry."""

    registry: str
    images_root: Path

    def images(self, model: str) -> Sequence[StockedImage]:
        """Return the images of a model, of whatever kind; the newest first."""
        found = [*self._folders(model), *self._containers(model)]
        return sorted(found, key=lambda image: image.built_at, reverse=True)

    def remove(self, uri: str) -> bool:
        """Remove an image; tell if it is gone: a container image that runs stays."""
        folder = folder_of(uri, self.registry, self.images_root)
        if (folder / FILE_NAME).is_file():
            doomed = folder.with_name(f".{folder.name}.removed")  # whole or not at all
            folder.rename(doomed)
            shutil.rmtree(doomed)
            return True
        return _remove_container_image(uri)

    def _folders(self, model: str) -> Iterator[StockedImage]:
        for path in (self.images_root / "slipway" / dashed(model)).glob(
            f"*/{FILE_NAME}"
        ):
            if path.parent.name.startswith("."):
                continue
            files = [file for file in path.parent.rglob("*") if file.is_file()]
            yield StockedImage(
                json.loads(path.read_text("utf-8"))["uri"],
                sum(file.stat().st_size for file in files),
                dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC),
            )

    def _containers(self, model: str) -> Iterator[StockedImage]:
        from slipway.images.docker_image import connected, daemon_answers  # late: slow

        if not daemon_answers():
            return
        with connected() as client:
            label = {"label": f"slipway.model={model}"}
            for image in client.images.list(filters=label):
                for uri in image.tags:
                    if uri.startswith(f"{self.registry}/"):
                        created = image.attrs["Created"]
                        yield StockedImage(
                            uri, int(image.attrs["Size"]), _moment(created)
                        )


def _remove_container_image(uri: str) -> bool:
    from docker.errors import APIError, ImageNotFound  # late: slow

    from slipway.images.docker_image import connected

    with connected() as client:
        try:
            client.images.remove(uri)
        except ImageNotFound:
            return True
        except APIError as error:
            if error.response is not None:
                error.response.close()
            if error.status_code == 409:
                return False
            raise
    return True


def _moment(text: str) -> dt.datetime:
    """Return Docker's spelling of a moment, which may have nanoseconds, or seconds."""
    if text.isdigit():
        return dt.datetime.fromtimestamp(int(text), dt.UTC)
    moment = dt.datetime.fromisoformat(text[:19])
    return moment.replace(tzinfo=dt.UTC)
