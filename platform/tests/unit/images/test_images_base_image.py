"""The base image, chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from docker import DockerClient
from docker.errors import ImageNotFound
from requests import ReadTimeout

from slipway.errors import UnavailableError
from slipway.images.base_image import FROM_DEBIAN, PUBLIC, choose_base


@dataclass
class Daemon:
    """A Docker daemon that has some images, and may reach a registry."""

    #: The images it has.
    present: set[str] = field(default_factory=set)
    #: The images that a registry has; None: no registry answers.
    registry: set[str] | None = None
    #: What was pulled.
    pulled: list[str] = field(default_factory=list)
    timeout: int = 60

    @property
    def images(self) -> "Daemon":
        return self

    @property
    def api(self) -> "Daemon":
        return self

    def get(self, reference: str) -> None:
        if reference not in self.present:
            raise ImageNotFound(reference)

    def pull(self, reference: str, **_options: Any) -> Iterator[dict[str, str]]:
        self.pulled.append(reference)
        if self.registry is None:
            raise ReadTimeout
        if reference not in self.registry:
            yield {"error": "manifest unknown"}
        yield {"status": "done"}


def choose(daemon: Daemon, named: str | None = None) -> str:
    return choose_base(cast("DockerClient", daemon), named)


def test_the_public_image_comes_before_its_stand_in() -> None:
    assert choose(Daemon({PUBLIC, FROM_DEBIAN})) == PUBLIC


def test_the_stand_in_is_taken_without_asking_a_registry() -> None:
    daemon = Daemon({FROM_DEBIAN})
    assert choose(daemon) == FROM_DEBIAN
    assert daemon.pulled == []


def test_the_public_image_is_pulled_when_neither_is_there() -> None:
    daemon = Daemon(registry={PUBLIC})
    assert choose(daemon) == PUBLIC
    assert daemon.pulled == [PUBLIC]


def test_a_named_image_is_taken_before_the_others() -> None:
    assert choose(Daemon({"mine:1", PUBLIC}), "mine:1") == "mine:1"


def test_without_a_registry_the_error_names_the_script() -> None:
    with pytest.raises(UnavailableError, match=r"make .* by ci/base_image.sh"):
        choose(Daemon())


def test_a_named_image_that_is_nowhere_is_an_error_and_no_other_is_taken() -> None:
    with pytest.raises(UnavailableError, match="'mine:2' is not there"):
        choose(Daemon({PUBLIC}, registry={PUBLIC}), "mine:2")


def test_the_clients_patience_is_as_before_after_a_pull() -> None:
    daemon = Daemon(timeout=1800, registry={PUBLIC})
    choose(daemon)
    assert daemon.timeout == 1800
