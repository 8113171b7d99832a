"""Everything that a run's steps work with."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from slipway.controller.estate import Mover, lock_of, pace_of
from slipway.controller.leased import model_lease
from slipway.controller.local_lock import LocalLock
from slipway.controller.observer import Observer
from slipway.controller.operations import Ledger
from slipway.controller.pace import Pace
from slipway.controller.store import Leases, Store
from slipway.payloads.files import environment_layer, model_layer, platform_layer
from slipway.payloads.jobs import Job, Owner
from slipway.payloads.layers import Layer
from slipway.payloads.overrides import Override
from slipway.s3.layout import Layout
from slipway.s3.objects import Objects
from slipway.sagemaker.gateway import Gateway
from slipway.settings import Settings
from slipway.spec import DeploymentPolicy, ModelSpec
from slipway.spec.deployment import changed_policy


@dataclass(frozen=True)
class Image:
    """The image that a run's jobs and its endpoint run."""

    uri: str
    #: Of everything in it but the model's own files: packages, platform, base image.
    runtime_digest: str
    #: Of everything that was put into it; empty: not known.
    digest: str = ""


@dataclass(frozen=True)
class Sources:
    """What a run reads of its model's folder, as it was when the run was opened."""

    #: extract.sql, whole.
    script: str
    #: The tables that the script names.
    tables: tuple[str, ...]
    #: The digest of what each entry module runs, by its file.
    code: Mapping[str, str]


@dataclass(frozen=True)
class Request:
    """What a run was asked for."""

    run_date: dt.date
    #: Values for the SQL script's parameters, defaults filled in.
    parameters: Mapping[str, Any]
    image: Image
    sources: Sources
    #: The commit that the model's folder is at; empty: not known.
    code_commit: str
    #: Set to something new to take nothing from the cache.
    salt: str = ""
    #: The version that a scoring run asks; None: the run makes its own.
    version: int | None = None


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
    #: What somebody set over model.yaml, the last on top; `spec` has it in it.
    overrides: tuple[Override, ...] = ()
    #: What the store of images says of one by its URI: its digest; empty: it is not known.
    image_digest: Callable[[str], str] = lambda _uri: ""
    #: The version that must serve when another takes its place: 0, none; None, any.
    expects: int | None = None

    @cached_property
    def layout(self) -> Layout:
        """Where the model's checkpoints are."""
        environment = self.settings.environment
        return Layout(environment.bucket, environment.name, self.spec.name)

    def shifting(self, policy: DeploymentPolicy) -> Self:
        """Return the context with another way to shift the traffic."""
        return replace(self, spec=self.spec.deployed_by(policy))

    def shifted(self, changes: Mapping[str, object]) -> Self:
        """Return the context with some fields of `endpoint.deployment` changed, or raise."""
        if not changes:
            return self
        return self.shifting(changed_policy(self.spec.endpoint.deployment, changes))

    @property
    def policy(self) -> dict[str, Any]:
        """How a deployment shifts the traffic, as its row keeps it."""
        return self.spec.endpoint.deployment.model_dump(mode="json")

    @property
    def lease(self) -> str:
        """What whoever changes what serves of the model holds a lease on."""
        return model_lease(self.settings.environment.name, self.spec.name)

    @property
    def leases(self) -> Leases:
        """The leases of the controller's database."""
        return Leases(self.store.database)

    @property
    def lock(self) -> LocalLock:
        """The file that whoever holds the model's lease on this machine holds locked."""
        return self.mover(self.lease).lock

    def mover(self, lease: str) -> Mover:
        """Return what is needed to hold `lease` while the context's tables are changed."""
        lock = lock_of(self.settings.state / "locks", lease)
        return Mover(lease, lock, self.store)

    def ledger(self, step: str) -> Ledger:
        """Return the ledger, telling the observer of `step`'s progress."""
        return Ledger(
            self.store,
            self.gateway,
            self.pace,
            lambda status: self.observer.step_status(step, status),
        )

    @property
    def pace(self) -> Pace:
        """How fast SageMaker is asked."""
        return pace_of(self.settings)

    def owner(self, digest: str) -> Owner:
        """Return what a resource of this model is tagged with."""
        return Owner(self.settings.environment.name, self.spec.name, digest)

    def layers(self, step: str) -> tuple[Layer, ...]:
        """Return the payload layers below a run's own facts."""
        return (
            platform_layer(),
            environment_layer(self.settings),
            model_layer(self.spec, self.folder, step),
            *(override.layer(step) for override in self.overrides),
        )

    def job(self, name: str, image_uri: str, digest: str) -> Job:
        """Return the facts that every payload of this model has."""
        return Job(name, image_uri, self.owner(digest))
