"""The hands of a command: settings, database, S3 and SageMaker of one environment."""

import datetime as dt
import os
import subprocess
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from slipway.application import local_stack
from slipway.application.state import images_root, made_state
from slipway.controller.context import Context
from slipway.controller.estate import Estate, limiter_of
from slipway.controller.frozen import check_frozen
from slipway.controller.observer import Observer, Silence
from slipway.controller.orm import Run
from slipway.controller.overrides import with_active
from slipway.controller.schema import migrate
from slipway.controller.store import Database, Held, Store
from slipway.errors import InvalidRequestError
from slipway.images import BuiltImage, Kind, build_image, digest_there, image_of
from slipway.images.tool import Progress
from slipway.s3.objects import Objects
from slipway.sagemaker.gateway import Gateway
from slipway.settings import Settings, find_root, load_settings
from slipway.spec import ModelSpec, find_model, load_spec, model_names


@dataclass(frozen=True)
class Workspace:
    """A checkout in one environment."""

    settings: Settings

    @classmethod
    def open(cls, env: str) -> Self:
        """Return the checkout that the current folder is in."""
        root = find_root(Path.cwd())
        return cls(load_settings(root, env, os.environ))

    @classmethod
    def to_run_in(cls, env: str) -> Self:
        """Return the checkout, or raise when no job can run in the environment."""
        workspace = cls.open(env)
        if workspace.settings.environment.local_stack is None:
            message = (
                "Images are not pushed to a registry yet: only --env local can run,"
                f" not {env!r}"
            )
            raise InvalidRequestError(message)
        return workspace

    def folder(self, model: str) -> Path:
        """Return a model's folder, relative to the current one where it can be."""
        if not model:
            known = ", ".join(model_names(self.settings.models)) or "none yet"
            message = f"Which model? Give --model <name>. Known: {known}"
            raise InvalidRequestError(message)
        folder = find_model(self.settings.models, model)
        return folder.relative_to(Path.cwd()) if _inside(folder) else folder

    def context(self, model: str, observer: Observer | None = None) -> Context:
        """Return what the controller works on `model` with, overrides laid over it."""
        return with_active(self.declared(model, observer))

    def declared(self, model: str, observer: Observer | None = None) -> Context:
        """Return `model` as its files say it is, whatever somebody set over them."""
        folder = self.folder(model)
        return Context(
            settings=self.settings,
            spec=load_spec(folder),
            folder=folder,
            store=self.store,
            gateway=self.gateway,
            objects=self.objects,
            observer=observer or Silence(),
            image_digest=self.image_digest,
        )

    @property
    def estate(self) -> Estate:
        """What looks after all models of the environment works with this."""
        return Estate.open(self.settings, self.store, self.gateway, self.objects)

    def context_of(self, run: Run) -> Context:
        """Return what the controller takes a run's steps with; its folder is not read."""
        check_frozen(run)
        return Context(
            settings=self.settings,
            spec=ModelSpec.model_validate(run.parameters["spec"]),
            folder=self.settings.models / run.model,
            store=self.store,
            gateway=self.gateway,
            objects=self.objects,
            observer=Silence(),
            image_digest=self.image_digest,
        )

    def acting(self, actor: str, held: Held | None = None) -> Self:
        """Return the same checkout for somebody else, whom history will name.

        What they change ends with the lease that is `held` for them.
        """
        made, store = replace(self), self.store.acting(actor)
        fenced = store if held is None else store.fenced(held)
        made.__dict__.update(self.__dict__ | {"store": fenced})
        return made

    @cached_property
    def store(self) -> Store:
        """The controller's tables, brought up to date."""
        made_state(self.settings)
        database = Database(self.settings.database_url)
        migrate(database)
        return Store(database)

    @cached_property
    def gateway(self) -> Gateway:
        """SageMaker in this environment, asked below the account's limits."""
        return Gateway(self.settings, limiter_of(self.settings, self.store))

    @cached_property
    def objects(self) -> Objects:
        """S3 in this environment."""
        return Objects(self.settings)

    def image_kind(self) -> Kind:
        """Return the kind of image that the environment runs; raise if nothing runs it."""
        server = local_stack.check_up(self.settings)
        if server is None:
            message = (
                "Images are not pushed to a registry yet: only the environment 'local'"
                f" can run, not {self.settings.environment.name!r}"
            )
            raise InvalidRequestError(message)
        return server.executor

    @property
    def images(self) -> Path:
        """The folder of images that run as processes."""
        return images_root(self.settings)

    def start_stack(self, say: Progress) -> Kind:
        """Start the local stack, and return the kind of image that it runs."""
        say("starting the local stack …")
        server, _started = local_stack.up(self.settings)
        return server.executor

    def build(self, model: str, kind: Kind, say: Progress) -> BuiltImage:
        """Build the model's image, unless the same one is there."""
        made_state(self.settings)
        say(f"image of {model} …")
        return build_image(
            self.folder(model),
            kind=kind,
            registry=self.settings.environment.registry,
            images_root=images_root(self.settings),
            cache=self.settings.state / "wheels",
            progress=say,
        )

    def image_of(self, model: str, kind: Kind) -> BuiltImage:
        """Return what the model's image would be; nothing is built."""
        registry = self.settings.environment.registry
        return image_of(self.folder(model), kind=kind, registry=registry)

    def has_image(self, uri: str, kind: Kind) -> bool:
        """Tell whether an image can be run on this machine."""
        return bool(self._digest_there(uri, kind))

    def image_digest(self, uri: str) -> str:
        """Return the digest of an image where it is run; empty: nobody here knows it."""
        if self.settings.environment.local_stack is None:
            return ""
        return self._digest_there(uri, self.image_kind())

    def _digest_there(self, uri: str, kind: Kind) -> str:
        registry, root = self.settings.environment.registry, self.images
        return digest_there(uri, kind=kind, registry=registry, images_root=root)

    def commit(self) -> str:
        """Return the checkout's git commit, with `-dirty` when files differ from it."""
        found = subprocess.run(
            ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"],  # noqa: S607 - git from the PATH
            cwd=self.settings.root,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stdout.strip()

    def change(self, model: str) -> tuple[str, dt.datetime | None]:
        """Return the last commit of the model's folder, and when it was made.

        Nothing and None where the folder holds what is in no commit.
        """
        folder = str(self.folder(model))
        edits = _git("status", "--porcelain", "--", folder)
        last = _git("log", "-1", "--format=%H %cI", "--", folder)
        commit, _, moment = (last or "").partition(" ")
        if edits != "" or not moment:
            return "", None
        return commit, dt.datetime.fromisoformat(moment)


def _git(*words: str) -> str | None:
    """Return what git says in the current folder; None: it failed, or there is none."""
    try:
        found = subprocess.run(  # noqa: S603 - words of this file
            ["git", *words],  # noqa: S607 - git from the PATH
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return found.stdout.strip() if found.returncode == 0 else None


def _inside(folder: Path) -> bool:
    return folder.is_relative_to(Path.cwd())
