"""Everything of one environment, whatever the model: what looks after all works with it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from slipway.controller.leased import model_lease
from slipway.controller.local_lock import LocalLock
from slipway.controller.pace import Pace
from slipway.controller.store import Leases, Store
from slipway.controller.store.budget import RATES, Budget
from slipway.s3.layout import Layout
from slipway.s3.objects import Objects
from slipway.sagemaker.gateway import Gateway
from slipway.sagemaker.limiter import Limiter, Unlimited
from slipway.settings import Settings


@dataclass(frozen=True)
class Mover:
    """What whoever moves something needs: its lease, its lock, its tables."""

    #: What is leased.
    lease: str
    lock: LocalLock
    store: Store

    @property
    def leases(self) -> Leases:
        """The leases of the controller's database."""
        return Leases(self.store.database)


@dataclass(frozen=True)
class Estate:
    """One environment, and the hands to work on it."""

    environment: str
    bucket: str
    store: Store
    gateway: Gateway
    objects: Objects
    pace: Pace
    #: The folder of the lock files that workers of this machine hold.
    locks: Path

    @classmethod
    def open(
        cls, settings: Settings, store: Store, gateway: Gateway, objects: Objects
    ) -> Self:
        """Return the environment of `settings`."""
        environment = settings.environment
        return cls(
            environment.name,
            environment.bucket,
            store,
            gateway,
            objects,
            pace_of(settings),
            settings.state / "locks",
        )

    def mover(self, model: str) -> Mover:
        """Return what is needed to move `model` alone."""
        return self.leasing(model_lease(self.environment, model))

    def leasing(self, lease: str) -> Mover:
        """Return what is needed to hold `lease`."""
        return Mover(lease, lock_of(self.locks, lease), self.store)

    def layout(self, model: str) -> Layout:
        """Return where a model's checkpoints are."""
        return Layout(self.bucket, self.environment, model)


def pace_of(settings: Settings) -> Pace:
    """Return how fast SageMaker is asked: below an account's limits; a laptop has none."""
    environment = settings.environment
    if environment.local_stack is not None:
        return Pace(environment.poll_seconds)
    return Pace(environment.poll_seconds, RATES["describe"].steady)


def limiter_of(settings: Settings, store: Store) -> Limiter:
    """Return what every call to SageMaker waits for."""
    environment = settings.environment
    if environment.local_stack is not None:
        return Unlimited()
    return Budget(store.database, f"{environment.account}/{environment.region}")


def lock_of(locks: Path, lease: str) -> LocalLock:
    """Return the file that whoever holds a lease on this machine holds locked."""
    return LocalLock(locks / lease.replace("/", "-"))
