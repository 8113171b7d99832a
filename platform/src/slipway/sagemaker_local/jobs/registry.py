"""The jobs that are under way, one thread each."""

import threading
from dataclasses import replace
from typing import Protocol

from slipway.sagemaker_local import faults
from slipway.sagemaker_local.jobs.kinds import (
    KINDS,
    UNFINISHED,
    ContainerJobKind,
    JobKind,
)
from slipway.sagemaker_local.jobs.progress import entered
from slipway.sagemaker_local.jobs.runner import JobRun, Workshop
from slipway.sagemaker_local.jobs.transform.run import TransformRun
from slipway.sagemaker_local.store import Record, RecordMissingError

#: Seconds that jobs get at a shutdown before SIGKILL.
SHUTDOWN_GRACE = 5.0


class Run(Protocol):
    """A job that is under way in this server."""

    def run(self) -> None:
        """Take the job to its end; the entry point of its thread."""

    def stop(self) -> None:
        """Stop the container, if it was started; the record says Stopping already."""

    def shut_down(self, grace: float) -> None:
        """Stop the job because the server stops."""


class Jobs:
    """Starts, stops and resumes jobs."""

    def __init__(self, workshop: Workshop) -> None:
        self._workshop = workshop
        self._lock = threading.Lock()
        self._running: dict[str, tuple[Run, threading.Thread]] = {}

    def begin(self, kind: JobKind, job: Record) -> None:
        """Run a job that is in the store, from wherever it is."""
        run = self._run(kind, job)
        thread = threading.Thread(
            target=self._finish, args=(job.arn, run), name=job.name, daemon=True
        )
        with self._lock:
            self._running[job.arn] = (run, thread)
        thread.start()

    def stop(self, kind: JobKind, arn: str, name: str) -> None:
        """Stop a job; one that is over, or not there, is AWS's error."""
        try:
            self._workshop.store.change(arn, lambda job: _stopping(job, kind))
        except RecordMissingError as error:
            raise kind.nothing_to_stop(name) from error
        with self._lock:
            running = self._running.get(arn)
        if running is not None:
            threading.Thread(target=running[0].stop, daemon=True).start()

    def delete(self, kind: JobKind, arn: str, name: str) -> None:
        """Forget a job that is over; one that is not, or not there, is AWS's error."""
        try:
            self._workshop.store.delete(arn, lambda job: _check_over(job, kind))
        except RecordMissingError as error:
            raise kind.missing(name) from error

    def resume(self) -> None:
        """Take up every job that was not over when the last server ended."""
        for kind in KINDS.values():
            for job in self._workshop.store.having(kind.kind, UNFINISHED):
                self.begin(kind, job)
                if job.status == "Stopping":
                    run, _ = self._running[job.arn]
                    threading.Thread(target=run.stop, daemon=True).start()

    def handles(self) -> set[str]:
        """Return the handle of every job that is not over."""
        jobs = [
            job
            for kind in KINDS
            for job in self._workshop.store.having(kind, UNFINISHED)
        ]
        return {job.execution.get("handle", "") for job in jobs} - {""}

    def shut_down(self) -> None:
        """Stop every job and wait until each is recorded as ended."""
        with self._lock:
            running = list(self._running.values())
        stops = [
            threading.Thread(target=run.shut_down, args=(SHUTDOWN_GRACE,), daemon=True)
            for run, _ in running
        ]
        for stop in stops:
            stop.start()
        for thread in (*stops, *(thread for _, thread in running)):
            thread.join(SHUTDOWN_GRACE * 3)

    def _run(self, kind: JobKind, job: Record) -> Run:
        if isinstance(kind, ContainerJobKind):
            return JobRun(self._workshop, kind, job)
        return TransformRun(self._workshop, job)

    def _finish(self, arn: str, run: Run) -> None:
        try:
            run.run()
        finally:
            with self._lock:
                # The name may be another job's by now.
                if self._running.get(arn, (None,))[0] is run:
                    del self._running[arn]


def _stopping(job: Record, kind: JobKind) -> Record:
    if job.status == "Stopping":
        return job
    if job.status not in UNFINISHED:
        raise faults.job_finished(kind.noun, job.status)
    return replace(entered(job, kind, "Stopping"), status="Stopping")


def _check_over(job: Record, kind: JobKind) -> None:
    if job.status in UNFINISHED:
        raise faults.job_unfinished(kind.noun, job.status)
