"""One serving container: started, pinged, asked, drained."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Lock
from typing import TypeVar

import urllib3

from slipway.errors import SlipwayError
from slipway.sagemaker_local.endpoints.connections import Connections
from slipway.sagemaker_local.endpoints.plan import InstancePlan, VariantPlan
from slipway.sagemaker_local.executors.contract import (
    Condition,
    Entry,
    Executor,
    ImageMissingError,
    ImageReplacedError,
    Phase,
    Workload,
)
from slipway.sagemaker_local.model_data import ModelDataError, model_entries
from slipway.sagemaker_local.s3.objects import ObjectStore

#: AWS's limits, in seconds: for a ping, to accept a connection, for an answer.
PING_TIMEOUT, CONNECT_TIMEOUT, INVOCATION_TIMEOUT = 2.0, 0.25, 60.0
#: Between SIGTERM and SIGKILL.
STOP_GRACE = 30.0
_PING_PAUSE = 0.025
#: Of an instance that serves: seconds between pings, and how many may fail in a row.
PING_INTERVAL, UNHEALTHY_AFTER = 2.0, 3
_OK = 200
_CONNECTIONS = 32
T = TypeVar("T")


class FleetFaultError(SlipwayError):
    """A fleet does not come up; the message is the endpoint's FailureReason."""


class DownloadTimeoutError(SlipwayError):
    """Model data was not laid out within ModelDataDownloadTimeoutInSeconds."""


class Instance:
    """One container and the connections to it."""

    def __init__(
        self,
        plan: InstancePlan,
        variant: VariantPlan,
        executor: Executor,
        log: Path,
        *,
        ping_fails: Callable[[], bool],
        inherited: bool = False,
    ) -> None:
        self.plan = plan
        self.variant = variant
        #: Answers pings, and takes requests.
        self.ready = False
        #: Requests that it is answering.
        self.in_flight = 0
        #: Set when it is to end: it is neither waited for nor replaced.
        self.leaving = Event()
        #: Somebody waits for its first ping, or replaces it once it serves.
        self.attended = False
        #: An earlier server may have started it.
        self._inherited = inherited
        #: Held while the container is made or removed.
        self._handling = Lock()
        self._ended = False
        self._executor = executor
        self._log = log
        self._ping_fails = ping_fails
        self._pool: urllib3.HTTPConnectionPool | None = None
        self._connections: Connections | None = None

    @property
    def pool(self) -> urllib3.HTTPConnectionPool:
        """The connections to the container, for pings and for what is streamed."""
        if self._pool is None:
            self._pool = urllib3.HTTPConnectionPool(
                *self._address(), maxsize=_CONNECTIONS, retries=False
            )
        return self._pool

    @property
    def connections(self) -> Connections:
        """The connections to the container, for invocations."""
        if self._connections is None:
            self._connections = Connections(*self._address())
        return self._connections

    def _address(self) -> tuple[str, int]:
        return self._executor.address(self.plan.handle) or ("127.0.0.1", 0)

    def launch(self, store: ObjectStore) -> None:
        """Have the container run; what cannot be is a FleetFaultError."""
        with self._handling:
            if self._ended:
                message = "The instance was given up before it started."
                raise FleetFaultError(message)
            if self._inherited and self._taken_up():
                return
            self._create(store)
            self._executor.start(self.plan.handle)

    def _taken_up(self) -> bool:
        """Attach to what an earlier server started; else clear what it left."""
        if self._executor.condition(self.plan.handle).phase is Phase.RUNNING:
            self._executor.attach(self.plan.handle)
            return True
        self._executor.remove(self.plan.handle)
        return False

    def _create(self, store: ObjectStore) -> None:
        variant = self.variant
        workload = Workload(
            image=variant.image,
            entrypoint=None,
            arguments=("serve",),
            environment=variant.environment,
            log=self._log,
            instance_type=variant.instance_type,
            serves=True,
            isolated=variant.isolated,
            hostname=variant.hostname,
            image_digest=variant.image_digest,
        )
        entries = model_entries(store, variant.model_data_url, variant.model_data_form)
        try:
            content = within(variant.download_timeout, entries)
            self._executor.create(self.plan.handle, workload, content)
        except ImageReplacedError as error:
            message = f"Production variant {variant.name} cannot start: {error}"
            raise FleetFaultError(message) from error
        except ImageMissingError as error:
            message = (
                f"The image {variant.image} of production variant {variant.name} does "
                "not exist."
            )
            raise FleetFaultError(message) from error
        except (ModelDataError, DownloadTimeoutError) as error:
            raise FleetFaultError(str(error)) from error
        except OSError as error:
            message = f"The model data could not be laid out: {error}"
            raise FleetFaultError(message) from error

    def wait_until_ready(self, cancelled: Event, latest: float | None = None) -> None:
        """Return once the container answers its ping; else FleetFaultError.

        It has the variant's time for it, and no longer than to a moment of the
        monotonic clock.
        """
        deadline = time.monotonic() + self.variant.startup_timeout
        if latest is not None:
            deadline = min(deadline, latest)
        while not cancelled.is_set() and time.monotonic() < deadline:
            condition = self._executor.condition(self.plan.handle)
            if condition.over:
                raise self._unhealthy(condition)
            if self.answers_ping():
                self.ready = True
                return
            cancelled.wait(_PING_PAUSE)
        raise self._unhealthy(None)

    def wait_until_broken(self) -> str:
        """Return why a serving instance must be replaced; empty once it is to leave."""
        failed = 0
        while not self.leaving.is_set():
            condition = self._executor.wait(self.plan.handle, PING_INTERVAL)
            if self.leaving.is_set():
                break
            if condition.over:
                return f"it exited with code {condition.exit_code}"
            failed = 0 if self.answers_ping() else failed + 1
            if failed >= UNHEALTHY_AFTER:
                return f"it failed {failed} pings in a row"
        return ""

    def notice_end(self) -> bool:
        """Take no more requests where the container has ended; say whether it has."""
        over = self._executor.condition(self.plan.handle).over
        if over:
            self.ready = False
        return over

    def answers_ping(self) -> bool:
        """Say whether `GET /ping` is answered as SageMaker wants it."""
        timeout = urllib3.Timeout(connect=PING_TIMEOUT, read=PING_TIMEOUT)
        try:
            answer = self.pool.request("GET", "/ping", timeout=timeout)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == _OK and not self._ping_fails()

    def attach(self) -> bool:
        """Take up a container of an earlier server; False where it has ended."""
        if self._executor.condition(self.plan.handle).over:
            return False
        self._executor.attach(self.plan.handle)
        return True

    def end(self, grace: float = STOP_GRACE) -> None:
        """Stop and remove the container."""
        self.ready = False
        self.leaving.set()
        with self._handling:
            self._ended = True
            self._executor.stop(self.plan.handle, grace)
            self._executor.remove(self.plan.handle)
        for kept in (self._pool, self._connections):
            if kept is not None:
                kept.close()

    def _unhealthy(self, condition: Condition | None) -> FleetFaultError:
        message = (
            f"The primary container for production variant {self.variant.name} did not "
            "pass the ping health check. Please check CloudWatch logs for this "
            "endpoint."
        )
        if condition is not None:
            message += f" The container exited with code {condition.exit_code}."
        if condition is not None and condition.error:
            message += f" {condition.error}"
        return FleetFaultError(message)


def within(
    seconds: float,
    entries: Iterable[Entry],
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Entry]:
    """Yield entries as long as they and their bytes come in time.

    What comes too late is a DownloadTimeoutError.
    """
    deadline = clock() + seconds

    def timely(parts: Iterable[T]) -> Iterator[T]:
        for part in parts:
            if clock() > deadline:
                message = (
                    "Failed to download model data within "
                    f"ModelDataDownloadTimeoutInSeconds of {seconds} seconds."
                )
                raise DownloadTimeoutError(message)
            yield part

    for entry in timely(entries):
        content = entry.content and timely(entry.content)
        yield replace(entry, content=content)
