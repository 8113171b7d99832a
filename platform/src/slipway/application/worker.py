"""The worker of an instance: does what was asked for, many runs at once."""

import logging
import threading
import time
from functools import partial

from slipway.application.carrying import carry_out
from slipway.application.run_image import make_image
from slipway.application.taking import take_asked
from slipway.application.workspace import Workspace
from slipway.controller.claims import unless_running
from slipway.controller.exclusive import unless_moving
from slipway.controller.orm import Deployment, Step
from slipway.controller.store.answers import Answers
from slipway.controller.store.pages import asked_deployments, asked_steps
from slipway.errors import FencedError, SlipwayError

_LOG = logging.getLogger(__name__)
#: Seconds between two looks for something to do.
_PAUSE = 0.5
#: Seconds until a deployment that something keeps from its end is looked at again.
_REST = 5.0
#: Seconds between two looks for kept answers whose time is over.
_TIDY = 600.0
#: Runs and deployments that one instance works on at once.
_MOST = 32


class Worker:
    """Works until its process ends: what it was at, another takes over."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        #: The runs that it works on, and the models whose deployments it carries out.
        self.busy: set[str] = set()
        #: Until when, by this process's clock, a model's deployments are let be.
        self._resting: dict[str, float] = {}
        #: When, by this process's clock, old answers are purged next.
        self._tidy_at = 0.0

    def start(self) -> None:
        """Work in threads of its own, which end with the process."""
        threading.Thread(target=self._run, name="worker", daemon=True).start()

    def look(self) -> None:
        """Look once for what was asked for, and do each thing in a thread."""
        self._tidy()
        for row in self._found():
            name = _moved(row)
            if name not in self.busy and len(self.busy) < _MOST:
                self.busy.add(name)
                threading.Thread(
                    target=self._move, args=(row,), name=name, daemon=True
                ).start()

    def _run(self) -> None:
        while True:
            time.sleep(_PAUSE)
            try:
                self.look()
            except SlipwayError as error:
                _LOG.warning("work_unreadable error=%s", error)

    def _tidy(self) -> None:
        """Purge some of what callers' keys were answered long ago."""
        store, now = self._workspace.store, time.monotonic()
        if now >= self._tidy_at:
            more = Answers(store.database).purge(store.now())
            self._tidy_at = now if more else now + _TIDY

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
        """Do one thing, if nobody else works on its run, or moves its model."""
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
            self.busy.discard(_moved(row))

    def _take(self, step: Step) -> None:
        run = self._workspace.store.records.run(step.run_id)
        if run is None:
            return
        with unless_running(self._workspace.context_of(run), run) as held:
            if held is not None:
                make = partial(make_image, self._workspace, run)
                take_asked(held, run, step.name, make)

    def _carry(self, row: Deployment) -> None:
        self._resting[row.model] = time.monotonic() + _REST
        with unless_moving(self._workspace.context(row.model)) as held:
            if held is not None and carry_out(held, row):
                self._resting.pop(row.model, None)


def _moved(row: Step | Deployment) -> str:
    """Return what one thread works on at a time."""
    return row.model if isinstance(row, Deployment) else row.run_id
