"""One transform job's life, from its record to its outcome."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Event

from slipway.sagemaker_local.endpoints.instance import FleetFaultError, Instance
from slipway.sagemaker_local.endpoints.plan import InstancePlan, new_instance
from slipway.sagemaker_local.executors.contract import Condition, Phase
from slipway.sagemaker_local.jobs.downloads import address, listed
from slipway.sagemaker_local.jobs.kinds import TRANSFORM
from slipway.sagemaker_local.jobs.plan import Input, JobFaultError
from slipway.sagemaker_local.jobs.progress import Outcome, finished
from slipway.sagemaker_local.jobs.runner import Workshop
from slipway.sagemaker_local.jobs.testimony import OUT_OF_MEMORY
from slipway.sagemaker_local.jobs.transform.asking import RETRIES, TIMEOUT, Asking
from slipway.sagemaker_local.jobs.transform.association import association
from slipway.sagemaker_local.jobs.transform.batches import in_order
from slipway.sagemaker_local.jobs.transform.container import SEE_LOGS, reason, serving
from slipway.sagemaker_local.jobs.transform.data_log import DataLog
from slipway.sagemaker_local.jobs.transform.faults import (
    CancelledError,
    ContainerEndedError,
    ObjectFaultError,
)
from slipway.sagemaker_local.jobs.transform.objects import Forms, ObjectWork
from slipway.sagemaker_local.jobs.transform.parameters import parameters
from slipway.sagemaker_local.s3.catalogue import StoredObject
from slipway.sagemaker_local.store import Record

_LOG = logging.getLogger(__name__)
IN_CHUNKS = (
    "ClientError: MaxPayloadInMB is 0 by the container's execution parameters: the local "
    "SageMaker server has no DataProcessing of objects that are sent in chunks"
)
_CRASHED = "InternalServerError: see the local SageMaker server's own log"


@dataclass(frozen=True)
class _Done:
    """How one object ended."""

    key: str
    fault: ObjectFaultError | None = None


class TransformRun:
    """A transform job that is under way in this server."""

    def __init__(self, workshop: Workshop, job: Record) -> None:
        self._shop = workshop
        self._arn = job.arn
        self._job = job
        self._cancelled = Event()
        self._shutting_down = False
        self._grace = workshop.stop_grace
        handle = job.execution.get("handle")
        #: Of an earlier server, at first.
        self._plan = (
            InstancePlan(job.name, handle) if handle else new_instance(job.name)
        )

    def run(self) -> None:
        """Take the job to its end; the entry point of its thread."""
        outcome = self._ended()
        instance = self._instance()
        if self._cancelled.is_set():
            instance.end(self._grace)
        if outcome is not None:
            self._shop.store.insist(self._arn, partial(_settled, outcome=outcome))
        instance.end(0)

    def stop(self, grace: float | None = None) -> None:
        """Stop the container; the record says Stopping already."""
        self._grace = self._shop.stop_grace if grace is None else grace
        self._cancelled.set()
        self._shop.executor.stop(self._plan.handle, self._grace)

    def shut_down(self, grace: float) -> None:
        """Stop the container because the server stops; the next one carries on."""
        self._shutting_down = True
        self.stop(grace)

    def _ended(self) -> Outcome | None:
        """Return how the job ended; None where it is left to the next server."""
        try:
            return self._outcome()
        except CancelledError:
            return None if self._shutting_down else Outcome("Stopped")
        except ContainerEndedError:
            return Outcome("Failed", reason=self._why_ended())
        except JobFaultError as fault:
            return Outcome("Failed", reason=str(fault))
        # A thread's entry point: a fault of the server ends the job, and is seen.
        except Exception:  # noqa: BLE001  # as above
            _LOG.exception("job_crashed arn=%s", self._arn)
            return Outcome("Failed", reason=_CRASHED)

    def _outcome(self) -> Outcome:
        instance = self._serving()
        with self._asked(instance) as work:
            self._log.say(str(work.parameters))
            self._transform(work)
        failed = self._record().execution.get("failed")
        if failed:
            return Outcome("Failed", reason=f"{failed}: {SEE_LOGS}")
        return Outcome("Completed")

    def _serving(self) -> Instance:
        """Return the container, ready: an earlier server's, or a new one."""
        image = self._job.execution["container"]["image"]
        try:
            instance = self._taken_up() or self._launched()
            instance.wait_until_ready(self._cancelled)
        except FleetFaultError as fault:
            if self._cancelled.is_set():
                raise CancelledError from fault
            self._log.say(str(fault))
            out_of_memory = self._condition().out_of_memory
            why = OUT_OF_MEMORY if out_of_memory else reason(image, fault)
            raise JobFaultError(why) from fault
        return instance

    def _taken_up(self) -> Instance | None:
        if self._record().status == "Stopping":
            self._cancelled.set()
            raise CancelledError
        if self._condition().phase is not Phase.RUNNING:
            return None
        instance = self._instance()
        return instance if instance.attach() else None

    def _launched(self) -> Instance:
        self._shop.hazards.hold("CreateTransformJob", self._job.name)
        self._shop.executor.remove(self._plan.handle)
        self._plan = new_instance(self._job.name)
        started = self._job.description.get("TransformStartTime", time.time())
        self._change(
            lambda job: job.with_execution(handle=self._plan.handle).with_description(
                TransformStartTime=started
            )
        )
        if self._cancelled.is_set():
            raise CancelledError
        instance = self._instance()
        instance.launch(self._shop.objects)
        return instance

    def _transform(self, work: ObjectWork) -> None:
        one_by_one = work.forms.split != "None" or work.parameters.payload == 0
        ahead = 1 if one_by_one else work.parameters.concurrent
        with ThreadPoolExecutor(ahead) as pool:
            one = partial(self._one, work)
            for done in in_order(pool, one, self._left(), ahead):
                self._change(partial(_noted, done=done))

    def _one(self, work: ObjectWork, source: tuple[str, StoredObject]) -> _Done:
        path, stored = source
        output = address(self._job.description["TransformOutput"]["S3OutputPath"])
        try:
            work.write(stored, output / f"{path}.out")
        except ObjectFaultError as fault:
            self._log.say(str(fault), f"{stored.bucket}/{stored.key}")
            return _Done(stored.key, fault)
        return _Done(stored.key)

    def _left(self) -> Iterator[tuple[str, StoredObject]]:
        """Yield the objects that are not done, by key."""
        source = self._job.description["TransformInput"]["DataSource"]["S3DataSource"]
        by_manifest = source["S3DataType"] == "ManifestFile"
        asked = Input("transform", source["S3Uri"], "", by_manifest=by_manifest)
        last = self._record().execution.get("last", "")
        for path, stored in listed(self._shop.objects, asked):
            if self._cancelled.is_set():
                raise CancelledError
            if stored.key > last:
                yield path, stored

    @contextlib.contextmanager
    def _asked(self, instance: Instance) -> Iterator[ObjectWork]:
        """Lend what makes an object of the container's answers."""
        request = self._job.description
        given, wanted = request["TransformInput"], request["TransformOutput"]
        client = request.get("ModelClientConfig", {})
        headers = {
            "Content-Type": given.get("ContentType"),
            "Accept": wanted.get("Accept"),
        }
        asking = Asking(
            instance,
            self._cancelled,
            headers={name: value for name, value in headers.items() if value},
            timeout=client.get("InvocationsTimeoutInSeconds", TIMEOUT),
            retries=client.get("InvocationsMaxRetries", RETRIES),
        )
        forms = Forms(
            split=given["SplitType"],
            compression=given["CompressionType"],
            by_line=wanted["AssembleWith"] == "Line",
            association=association(request),
        )
        chosen = parameters(request, asking.execution_parameters())
        if chosen.payload == 0 and not forms.association.is_nothing:
            raise JobFaultError(IN_CHUNKS)
        with ThreadPoolExecutor(chosen.concurrent) as pool:
            yield ObjectWork(self._shop.objects, asking, chosen, forms, pool)

    def _instance(self) -> Instance:
        log = self._shop.logs.transform_log(self._job, self._plan.id)
        return Instance(
            self._plan,
            serving(self._job),
            self._shop.executor,
            log,
            ping_fails=lambda: False,
        )

    @property
    def _log(self) -> DataLog:
        return DataLog(self._shop.logs.data_log(self._job, self._plan.id))

    def _condition(self) -> Condition:
        return self._shop.executor.condition(self._plan.handle)

    def _why_ended(self) -> str:
        if self._condition().out_of_memory:
            return OUT_OF_MEMORY
        self._log.say("The container ended while it was asked")
        return f"AlgorithmError: {SEE_LOGS}"

    def _record(self) -> Record:
        job = self._shop.store.get(self._arn)
        if job is None:
            raise JobFaultError(_CRASHED)
        return job

    def _change(self, change: Callable[[Record], Record]) -> None:
        self._shop.store.change(self._arn, change)


def _noted(job: Record, done: _Done) -> Record:
    """Return the job with an object behind it; the first fault is its reason."""
    if done.fault is None or job.execution.get("failed"):
        return job.with_execution(last=done.key)
    return job.with_execution(last=done.key, failed=done.fault.blame)


def _settled(job: Record, outcome: Outcome) -> Record:
    stopped = job.status == "Stopping"
    return finished(job, TRANSFORM, Outcome("Stopped") if stopped else outcome)
