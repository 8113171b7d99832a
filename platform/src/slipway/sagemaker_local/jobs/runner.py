"""One job's life, from its record to its outcome."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from slipway.sagemaker_local.executors.contract import (
    Condition,
    Executor,
    ImageMissingError,
    Phase,
    UnsafePathError,
)
from slipway.sagemaker_local.hazards import Hazards
from slipway.sagemaker_local.jobs.downloads import entries
from slipway.sagemaker_local.jobs.kinds import ContainerJobKind
from slipway.sagemaker_local.jobs.mirror import Mirrors
from slipway.sagemaker_local.jobs.plan import JobFaultError, Plan
from slipway.sagemaker_local.jobs.progress import (
    Outcome,
    entered,
    finished,
)
from slipway.sagemaker_local.jobs.testimony import (
    LONGEST_TEXT,
    exit_message,
    metrics_said,
    reason_of,
)
from slipway.sagemaker_local.jobs.uploads import read_text, upload
from slipway.sagemaker_local.logs.folder import LogFolder
from slipway.sagemaker_local.s3.objects import ObjectStore
from slipway.sagemaker_local.store import Record, Store

_LOG = logging.getLogger(__name__)
_INTERNAL = "InternalServerError"
LOST = (
    "InternalServerError: the job's container was gone when the local SageMaker server "
    "started again. Create the job again under a new name."
)
SHUT_DOWN = (
    "InternalServerError: the local SageMaker server was shut down while the job ran. "
    "Create the job again under a new name."
)


@dataclass(frozen=True)
class Workshop:
    """What jobs are run with."""

    store: Store
    objects: ObjectStore
    executor: Executor
    logs: LogFolder
    #: The variables that stand for a job's role, by region.
    role: Callable[[str], Mapping[str, str]]
    #: Seconds between SIGTERM and SIGKILL.
    stop_grace: float
    hazards: Hazards


class JobRun:
    """A job that is under way in this server."""

    def __init__(self, workshop: Workshop, kind: ContainerJobKind, job: Record) -> None:
        self._shop = workshop
        self._kind = kind
        self._arn = job.arn
        self._handle: str = job.execution.get("handle") or ""
        self._region = job.region
        self._plan = self._planned(job)
        self._mirrors = self._mirrored("")
        #: Held while it is decided whether the container starts.
        self._starting = threading.Lock()
        self._shutting_down = False

    def run(self) -> None:
        """Take the job to its end; the entry point of its thread."""
        outcome = self._ended()
        while self._is_to_retry(outcome):
            self._begin_again()
            if self._shutting_down:
                return
            outcome = self._ended()
        self._shop.store.insist(
            self._arn, lambda job: finished(job, self._kind, outcome)
        )
        if self._handle:
            self._shop.executor.remove(self._handle)

    def stop(self, grace: float | None = None) -> None:
        """Stop the container, if it was started; the record says Stopping already."""
        with self._starting:
            handle = self._handle
        if handle:
            seconds = self._shop.stop_grace if grace is None else grace
            self._shop.executor.stop(handle, seconds)

    def shut_down(self, grace: float) -> None:
        """Stop the job because the server stops."""
        self._shutting_down = True
        self.stop(grace)

    def _ended(self) -> Outcome:
        try:
            return self._outcome()
        except JobFaultError as fault:
            return Outcome("Failed", reason=str(fault))
        # A thread's entry point: a fault of the server ends the job, and is seen.
        except Exception:  # noqa: BLE001  # as above
            _LOG.exception("job_crashed arn=%s", self._arn)
            reason = f"{_INTERNAL}: see the local SageMaker server's own log"
            return Outcome("Failed", reason=reason)

    def _is_to_retry(self, outcome: Outcome) -> bool:
        """Say whether the job's RetryStrategy has an attempt left for this outcome."""
        job = self._shop.store.get(self._arn)
        internal = outcome.reason.startswith(_INTERNAL)
        if job is None or job.status == "Stopping" or not internal:
            return False
        strategy = job.description.get("RetryStrategy", {})
        made = job.execution.get("retries", 0)
        return bool(made < strategy.get("MaximumRetryAttempts", 0))

    def _begin_again(self) -> None:
        if self._handle:
            self._shop.executor.remove(self._handle)
        self._handle = ""
        self._change(
            lambda job: entered(job, self._kind, "Starting").with_execution(
                handle="", started=None, retries=job.execution.get("retries", 0) + 1
            )
        )

    def _outcome(self) -> Outcome:
        condition = self._condition_after_restart()
        if condition is None:
            self._hold()
            self._lay_out()
            condition = self._started()
        if condition is None:
            return self._cut_short()
        if not condition.over:
            condition = self._waited()
        return self._collected(condition)

    def _condition_after_restart(self) -> Condition | None:
        """Return how an earlier server's container is; None where none was started."""
        if not self._handle:
            return None
        condition = self._shop.executor.condition(self._handle)
        if condition.phase is Phase.LOST and self._record().execution.get("started"):
            raise JobFaultError(LOST)
        if condition.phase in (Phase.CREATED, Phase.LOST):
            # It was never started: what is there may be half laid out.
            self._shop.executor.remove(self._handle)
            return None
        self._shop.executor.attach(self._handle)
        self._mirrors = self._mirrored(self._handle)
        self._mirrors.resume()
        return condition

    def _hold(self) -> None:
        job = self._record()
        self._shop.hazards.hold(f"Create{self._kind.prefix}Job", job.name)

    def _lay_out(self) -> None:
        handle = f"job-{uuid.uuid4().hex}"
        start, now = f"{self._kind.prefix}StartTime", time.time()
        self._change(
            lambda job: (
                entered(job, self._kind, "Downloading")
                .with_description(**{start: job.description.get(start, now)})
                .with_execution(handle=handle)
            )
        )
        self._handle = handle
        content = entries(self._shop.objects, self._plan)
        try:
            self._shop.executor.create(handle, self._plan.workload, content)
        except ImageMissingError as error:
            image = self._plan.workload.image
            message = f"ClientError: Cannot find repository or image: {image}"
            raise JobFaultError(message) from error
        except (UnsafePathError, OSError) as error:
            message = f"ClientError: Data download failed: {error}"
            raise JobFaultError(message) from error
        self._mirrors = self._mirrored(handle)
        self._mirrors.note()

    def _mirrored(self, handle: str) -> Mirrors:
        return Mirrors(
            self._shop.objects,
            executor=self._shop.executor,
            handle=handle,
            folders=self._plan.synced,
        )

    def _started(self) -> Condition | None:
        """Start the container, unless the job was stopped before."""
        with self._starting:
            now = time.time()
            job = self._change(
                lambda job: (
                    job
                    if job.status == "Stopping" or self._shutting_down
                    else entered(job, self._kind, "Training").with_execution(
                        started=now, began=job.execution.get("began", now)
                    )
                )
            )
            if job.execution.get("started") is None:
                return None
            self._shop.executor.start(self._handle)
        return self._shop.executor.condition(self._handle)

    def _waited(self) -> Condition:
        """Return when the container is over, by itself or because time is up."""
        record = self._record().execution
        # All attempts together have the time of one.
        deadline = record.get("began", record["started"]) + self._plan.max_runtime
        while (left := deadline - time.time()) > 0:
            patience = min(left, self._mirrors.pause)
            condition = self._shop.executor.wait(self._handle, patience)
            if condition.over:
                return condition
            self._mirrors.sync()
        self._change(
            lambda job: entered(job, self._kind, "Stopping").with_execution(
                exceeded=True
            )
        )
        self._shop.executor.stop(self._handle, self._shop.stop_grace)
        return self._shop.executor.wait(self._handle)

    def _collected(self, condition: Condition) -> Outcome:
        if condition.phase is Phase.LOST:
            return Outcome("Failed", reason=LOST)
        self._mirrors.finish()
        members = self._messages()
        job = self._record()
        if self._shutting_down and job.status != "Stopping":
            return Outcome("Failed", reason=SHUT_DOWN, members=members)
        exceeded = bool(job.execution.get("exceeded"))
        stopped = job.status == "Stopping" or exceeded
        if condition.exit_code and not stopped:
            reason = self._why(condition)
            return Outcome("Failed", reason=reason, members=members)
        self._change(lambda job: entered(job, self._kind, "Uploading"))
        for output in self._plan.outputs:
            upload(self._shop.objects, self._shop.executor, self._handle, output)
        secondary = "MaxRuntimeExceeded" if exceeded else ""
        status = "Stopped" if stopped else "Completed"
        return Outcome(status, secondary=secondary, members=members)

    def _messages(self) -> dict[str, object]:
        if self._kind.message is None:
            return metrics_said(self._record(), self._plan.workload.log)
        return exit_message(self._text(self._kind.message))

    def _why(self, condition: Condition) -> str:
        return reason_of(self._kind, condition, self._text(self._kind.failure))

    def _text(self, path: str) -> bytes:
        return read_text(self._shop.executor, self._handle, path, LONGEST_TEXT)

    def _cut_short(self) -> Outcome:
        if self._record().status == "Stopping":
            return Outcome("Stopped")
        return Outcome("Failed", reason=SHUT_DOWN)

    def _planned(self, job: Record) -> Plan:
        plan = self._kind.plan(job, self._shop.logs)
        if plan.workload.isolated:
            return plan
        role = self._shop.role(job.region)
        environment = {**role, **plan.workload.environment}
        return replace(plan, workload=replace(plan.workload, environment=environment))

    def _record(self) -> Record:
        job = self._shop.store.get(self._arn)
        if job is None:
            raise JobFaultError(LOST)
        return job

    def _change(self, change: Callable[[Record], Record]) -> Record:
        return self._shop.store.change(self._arn, change)
