"""One serving container: started, pinged, asked, drained."""

import time
from collections.abc import Callable
from pathlib import Path
from threading import Event

import urllib3

from slipway.errors import SlipwayError
from slipway.sagemaker_local.endpoints.plan import InstancePlan, VariantPlan
from slipway.sagemaker_local.executors.contract import (
    Condition,
    Executor,
    ImageMissingError,
    Workload,
)
from slipway.sagemaker_local.model_data import ModelDataError, model_entries
from slipway.sagemaker_local.s3.objects import ObjectStore

#: AWS's limits, in seconds: for a ping, to accept a connection, for an answer.
PING_TIMEOUT, CONNECT_TIMEOUT, INVOCATION_TIMEOUT = 2.0, 0.25, 60.0
#: Between SIGTERM and SIGKILL.
STOP_GRACE = 30.0
_PING_PAUSE = 0.025
_OK = 200
_CONNECTIONS = 32


class FleetFaultError(SlipwayError):
    """A fleet does not come up; the message is the endpoint's FailureReason."""


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
    ) -> None:
        self.plan = plan
        self.variant = variant
        #: Answers pings, and takes requests.
        self.ready = False
        #: Requests that it is answering.
        self.in_flight = 0
        self._executor = executor
        self._log = log
        self._ping_fails = ping_fails
        self._pool: urllib3.HTTPConnectionPool | None = None

    @property
    def pool(self) -> urllib3.HTTPConnectionPool:
        """The connections to the container."""
        if self._pool is None:
            address = self._executor.address(self.plan.handle)
            host, port = address or ("127.0.0.1", 0)
            self._pool = urllib3.HTTPConnectionPool(
                host, port, maxsize=_CONNECTIONS, retries=False
            )
        return self._pool

    def launch(self, store: ObjectStore) -> None:
        """Create and start the container; what cannot be is a FleetFaultError."""
        workload = Workload(
            image=self.variant.image,
            entrypoint=None,
            arguments=("serve",),
            environment=self.variant.environment,
            log=self._log,
            instance_type=self.variant.instance_type,
            serves=True,
            isolated=self.variant.isolated,
        )
        try:
            content = model_entries(
                store, self.variant.model_data_url, self.variant.model_data_form
            )
            self._executor.create(self.plan.handle, workload, content)
        except ImageMissingError as error:
            message = (
                f"The image {self.variant.image} of production variant "
                f"{self.variant.name} does not exist."
            )
            raise FleetFaultError(message) from error
        except ModelDataError as error:
            raise FleetFaultError(str(error)) from error
        except OSError as error:
            message = f"The model data could not be laid out: {error}"
            raise FleetFaultError(message) from error
        self._executor.start(self.plan.handle)

    def wait_until_ready(self, cancelled: Event) -> None:
        """Return once the container answers its ping; else FleetFaultError."""
        deadline = time.monotonic() + self.variant.startup_timeout
        while not cancelled.is_set() and time.monotonic() < deadline:
            condition = self._executor.condition(self.plan.handle)
            if condition.over:
                raise self._unhealthy(condition)
            if self.answers_ping():
                self.ready = True
                return
            cancelled.wait(_PING_PAUSE)
        raise self._unhealthy(None)

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

    def wait_until_over(self) -> Condition:
        """Return when the container has ended."""
        return self._executor.wait(self.plan.handle)

    def attach(self) -> bool:
        """Take up a container of an earlier server; False where it has ended."""
        if self._executor.condition(self.plan.handle).over:
            return False
        self._executor.attach(self.plan.handle)
        return True

    def end(self, grace: float = STOP_GRACE) -> None:
        """Stop and remove the container."""
        self.ready = False
        self._executor.stop(self.plan.handle, grace)
        self._executor.remove(self.plan.handle)
        if self._pool is not None:
            self._pool.close()

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
