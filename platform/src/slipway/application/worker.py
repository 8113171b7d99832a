"""The worker of an instance: does what was asked for, a model at a time."""

import logging
import threading
import time
from functools import partial

from slipway.application.carrying import carry_out
from slipway.application.run_image import make_image
from slipway.application.taking import take_asked
from slipway.application.workspace import Workspace
from slipway.controller.exclusive import unless_moving
from slipway.controller.orm import Deployment, Step
from slipway.controller.store.pages import asked_deployments, asked_steps
from slipway.errors import FencedError, SlipwayError

_LOG = logging.getLogger(__name__)
#: Seconds between two looks for something to do.
_PAUSE = 0.5
#: Seconds until a deployment that something keeps from its end is looked at again.
_REST = 5.0
#: Models that one instance moves at once.
_MODELS = 32


class Worker:
    """Works until its process ends: what it was at, another takes over."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._busy: set[str] = set()
        #: Until when, by this process's clock, a model's deployments are let be.
        self._resting: dict[str, float] = {}

    def start(self) -> None:
        """Work in threads of its own, which end with the process."""
        threading.Thread(target=self._run, name="worker", daemon=True).start()

    def _run(self) -> None:
        while True:
            time.sleep(_PAUSE)
            try:
                found = self._found()
            except SlipwayError as error:
                _LOG.warning("work_unreadable error=%s", error)
                continue
            for row in found:
                if row.model not in self._busy and len(self._busy) < _MODELS:
                    self._busy.add(row.model)
                    threading.Thread(
                        target=self._move, args=(row,), name=row.model, daemon=True
                    ).start()

    def _found(self) -> list[Step | Deployment]:
        """Return what was asked for and is not done; deployments first."""
        environment = self._workspace.settings.environment.name
        database, now = self._workspace.store.database, time.monotonic()
        deployments = [
            row
            for row in asked_deployments(database, environment)
            if self._resting.get(row.model, 0.0) <= now
        ]
        return [*deployments, *asked_steps(database, environment)]

    def _move(self, row: Step | Deployment) -> None:
        """Do one thing, if nobody else moves its model."""
        kind = row.__tablename__
        try:
            if isinstance(row, Deployment):
                self._carry(row)
            else:
                self._take(row)
        except FencedError as error:
            _LOG.warning("%s_lost id=%s error=%s", kind, row.id, error)
        except SlipwayError as error:
            _LOG.warning("%s_unwritten id=%s error=%s", kind, row.id, error)
        except Exception:  # noqa: BLE001 - a thread's entry point
            _LOG.exception("%s_broken id=%s", kind, row.id)
        finally:
            self._busy.discard(row.model)

    def _take(self, step: Step) -> None:
        run = self._workspace.store.records.run(step.run_id)
        if run is None:
            return
        with unless_moving(self._workspace.context_of(run)) as held:
            if held is not None:
                make = partial(make_image, self._workspace, run)
                take_asked(held, run, step.name, make)

    def _carry(self, row: Deployment) -> None:
        self._resting[row.model] = time.monotonic() + _REST
        with unless_moving(self._workspace.context(row.model)) as held:
            if held is not None and carry_out(held, row):
                self._resting.pop(row.model, None)
