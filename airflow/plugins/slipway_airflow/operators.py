"""The operators of the rendered DAGs: one opens the run, one does any step of it."""

import logging
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from airflow.sdk import BaseOperator

from slipway_airflow.links import RunLink
from slipway_airflow.problems import (
    AirflowException,
    AirflowFailException,
    ControllerError,
)

if TYPE_CHECKING:  # what speaks HTTP is loaded by tasks alone: DAGs are parsed without
    from slipway_airflow.run_client import RunClient

#: The task whose XCom is the run's id: all that tasks tell each other.
OPEN_RUN = "open_run"
_BLUE, _GREY = "#d6e6f5", "#e8e8e8"
_LONGEST_REASON = 1000
_log = logging.getLogger(__name__)


class OpenRun(BaseOperator):
    """Opens the controller's run of this DAG run, or finds it, and returns its id."""

    operator_extra_links = (RunLink(),)
    ui_color = _GREY
    #: The run that was opened.
    client: "RunClient | None" = None

    def __init__(self, *, spec_digest: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.spec_digest = spec_digest

    def execute(self, context: Mapping[str, Any]) -> str:
        """Ask for the run; every parameter is frozen when the controller answers."""
        from slipway_airflow.opening import opening
        from slipway_airflow.run_client import RunClient

        self.client = RunClient.open(opening(context, self.spec_digest))
        self.log.info("run %s: %s", self.client.run_id, self.client.url)
        return self.client.run_id


class Step(BaseOperator):
    """Has the controller do the step that the task is called by, and waits deferred.

    It has no fields: Airflow's own constructor makes it, as fast as any operator.
    """

    operator_extra_links = (RunLink(),)
    ui_color = _BLUE
    #: The step that this process asked for; what a kill stops.
    client: "RunClient | None" = None

    def execute(self, context: Mapping[str, Any]) -> Any:
        """Ask that the step be done, and wait for its end unless it is done already."""
        from slipway_airflow.triggers import StepTrigger

        client = self._client(context)
        step = client.begin(context["ti"].try_number)
        if step["ended"]:
            return self._end(context, client, step)
        trigger = StepTrigger(
            run_id=client.run_id, step=client.step, ends_at=self._ends_at()
        )
        return self.defer(trigger=trigger, method_name="resume")

    def resume(self, context: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
        """Go on where the trigger saw the step's end."""
        client = self._told(context, event)
        if event.get("late"):
            client.stop()
            message = f"{client.name} took over {self.execution_timeout}: it is stopped"
            raise run_failed(context, client, AirflowFailException(message))
        return self._end(context, client, event["step"])

    def on_kill(self) -> None:
        """Stop the step's job: the task was killed while it ran."""
        if self.client:
            self.client.stop()

    def _client(self, context: Mapping[str, Any]) -> "RunClient":
        from slipway_airflow.run_client import RunClient

        run_id = context["ti"].xcom_pull(task_ids=OPEN_RUN)
        if not run_id:
            message = f"{self.task_id} has no run: clear {OPEN_RUN} of this DAG run"
            raise AirflowFailException(message)
        self.client = RunClient.of(str(run_id), self.task_id)
        return self.client

    def _ends_at(self) -> float | None:
        """Return when the task's time is up, in seconds since 1970; None: never."""
        timeout = self.execution_timeout
        return time.time() + timeout.total_seconds() if timeout else None

    def _told(
        self, context: Mapping[str, Any], event: Mapping[str, Any]
    ) -> "RunClient":
        """Return the run's client, or raise what the trigger was refused with."""
        client = self._client(context)
        if problem := event.get("problem"):
            raise ControllerError(**problem).failure(client.name)
        return client

    def _end(
        self, context: Mapping[str, Any], client: "RunClient", step: Mapping[str, Any]
    ) -> Any:
        """Return the outputs of a step that succeeded, or raise what ended it."""
        if step["state"] != "succeeded":
            message = f"{client.name} {step['state']}: {step['reason']}"
            kind = AirflowException if step["retryable"] else AirflowFailException
            raise run_failed(context, client, kind(message))
        self.log.info("%s: %s", client.name, step["outcome"])
        return self._done(context, client, step["outputs"])

    def _done(
        self,
        context: Mapping[str, Any],
        client: "RunClient",
        outputs: Mapping[str, Any],
    ) -> Any:
        """Return what the task hands on; the last one of a DAG ends the run."""
        for outlet in self.outlets:
            context["outlet_events"][outlet].extra = dict(outputs)
        if not self.downstream_task_ids:
            client.end("succeeded")
        return outputs


def run_failed(
    context: Mapping[str, Any], client: "RunClient", error: AirflowException
) -> AirflowException:
    """Return `error`, after the controller knows of a run that is not tried again."""
    ti = context["ti"]
    if isinstance(error, AirflowFailException) or ti.try_number > ti.max_tries:
        reason = " ".join(str(error).split())[:_LONGEST_REASON]
        try:
            client.end("failed", reason)
        except AirflowException as refusal:  # it must not hide the step's own reason
            _log.warning("the run is not ended: %s", refusal)
    return error
