"""Everything that a run's steps work with."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from slipway.controller.observer import Observer
from slipway.controller.operations import Ledger
from slipway.controller.store import Store
from slipway.payloads.jobs import Job, Owner
from slipway.payloads.layers import (
    Layer,
    environment_layer,
    model_layer,
    platform_layer,
)
from slipway.s3.layout import Layout
from slipway.s3.objects import Objects
from slipway.sagemaker.gateway import Gateway
from slipway.settings import Settings
from slipway.spec import ModelSpec


@dataclass(frozen=True)
class Image:
    """The image that a run's jobs and its endpoint run."""

    uri: str
    #: Of everything in it but the model's own files: packages, platform, base image.
    runtime_digest: str


@dataclass(frozen=True)
class Request:
    """What a run was asked for."""

    run_date: dt.date
    #: Values for the SQL script's parameters, defaults filled in.
    parameters: Mapping[str, Any]
    image: Image
    #: The commit that the model's folder is at; empty: not known.
    code_commit: str
    #: Set to something new to take nothing from the cache.
    salt: str = ""


@dataclass(frozen=True)
class Context:
    """A model in an environment, and the hands to work on it."""

    settings: Settings
    spec: ModelSpec
    #: The model's folder.
    folder: Path
    store: Store
    gateway: Gateway
    objects: Objects
    observer: Observer

    @cached_property
    def layout(self) -> Layout:
        """Where the model's checkpoints are."""
        environment = self.settings.environment
        return Layout(environment.bucket, environment.name, self.spec.name)

    @property
    def lock(self) -> Path:
        """The file that whoever moves the model holds locked."""
        name = f"{self.settings.environment.name}-{self.spec.name}"
        return self.settings.state / "locks" / name

    def ledger(self, step: str) -> Ledger:
        """Return the ledger, telling the observer of `step`'s progress."""
        return Ledger(
            self.store,
            self.gateway,
            self.settings.environment.poll_seconds,
            lambda status: self.observer.step_status(step, status),
        )

    def layers(self, step: str) -> tuple[Layer, ...]:
        """Return the payload layers below a run's own facts."""
        return (
            platform_layer(),
            environment_layer(self.settings),
            model_layer(self.spec, step),
        )

    def job(self, name: str, image_uri: str, digest: str) -> Job:
        """Return the facts that every payload of this model has."""
        environment = self.settings.environment
        owner = Owner(environment.name, self.spec.name, digest)
        return Job(name, image_uri, environment.role_arn, owner)
