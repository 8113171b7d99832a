"""The operator that waits for a person's word on a version."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slipway_airflow.operators import Step, run_failed
from slipway_airflow.problems import AirflowFailException, AirflowSkipException

if TYPE_CHECKING:
    from slipway_airflow.run_client import RunClient

#: The state of a version that nobody has judged, and those of one that was refused.
WAITING = "registered"
_REFUSED = frozenset({"rejected", "retired"})
_HOW = "invoke approve (or reject) --model {model} --version {version} --reason …"


class Approval(Step):
    """Waits deferred until a person approves the run's version; skips when refused."""

    ui_color = "#f5ecd6"

    def execute(self, context: Mapping[str, Any]) -> Any:
        """Wait for a word on the version, unless somebody said it already."""
        from slipway_airflow.version_trigger import VersionTrigger

        client = self._client(context)
        version = client.registered(_model(context))
        if version["state"] != WAITING:
            return self._judged(context, client, version)
        self.log.info("a person has to judge: %s", _HOW.format(**version))
        trigger = VersionTrigger(
            model=version["model"],
            version=version["version"],
            ends_at=self._ends_at(),
        )
        return self.defer(trigger=trigger, method_name="resume")

    def resume(self, context: Mapping[str, Any], event: Mapping[str, Any]) -> Any:
        """Go on where the trigger saw the word."""
        client = self._told(context, event)
        if event.get("late"):
            how = _HOW.format(**client.registered(_model(context)))
            message = (
                f"{client.name}: nobody judged the version in {self.execution_timeout}."
                f" Judge it, then clear {self.task_id}: {how}"
            )
            raise run_failed(context, client, AirflowFailException(message))
        return self._judged(context, client, event["version"])

    def on_kill(self) -> None:
        """Leave the version as it is: there is no job to stop."""

    def _judged(
        self,
        context: Mapping[str, Any],
        client: "RunClient",
        version: Mapping[str, Any],
    ) -> Any:
        name = f"version {version['version']} of {version['model']}"
        if version["state"] in _REFUSED:
            message = f"{name} is {version['state']}: {version['reason']}"
            client.end("failed", message)
            raise AirflowSkipException(message)
        self.log.info("%s is %s: %s", name, version["state"], version["reason"])
        return self._done(context, client, {"version": version["version"]})


def _model(context: Mapping[str, Any]) -> str:
    model, _, _ = context["dag_run"].dag_id.rpartition(".")
    return str(model)
