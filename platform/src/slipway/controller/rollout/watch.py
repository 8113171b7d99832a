"""The watch over a shift of traffic: its alarms, read and set off."""

from collections.abc import Iterator

from slipway.controller.context import Context
from slipway.controller.hosting import STEP, variant_name
from slipway.controller.orm import Deployment
from slipway.controller.rollout.stages import Stage, stage_of
from slipway.controller.rollout.verdict import Evidence, Verdict, judge
from slipway.errors import ConflictError
from slipway.payloads.deployment import Watched, alarm, stop_alarm
from slipway.payloads.jobs import model_tags
from slipway.sagemaker.alarms import AlarmState
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.spec import DeploymentPolicy

#: States in which the endpoint is being shifted.
SHIFTING = ("updating", "baking", "holding")
#: SageMaker looks at alarms now and then: seconds that it is given to see one.
_TO_BE_SEEN = 2.0


class Watch:
    """Looks at one deployment's alarms, and does what they say."""

    def __init__(self, context: Context, deployment: Deployment) -> None:
        self._context = context
        self._deployment = deployment
        self._policy = DeploymentPolicy.model_validate(deployment.policy)
        self._alarms = context.gateway.alarms
        self._watched = Watched(
            deployment.endpoint_name,
            deployment.endpoint_config_name,
            variant_name(context),
        )
        self._said = ""

    @property
    def policy(self) -> DeploymentPolicy:
        """How the traffic shifts."""
        return self._policy

    @property
    def names(self) -> list[str]:
        """The alarms that SageMaker is told of; none where nothing is watched."""
        if not self._policy.bake:
            return []
        metrics = [wanted.metric for wanted in self._policy.alarms]
        names = [self._watched.alarm_name(metric) for metric in metrics]
        return [*names, self._watched.stop_name]

    def put_alarms(self) -> None:
        """Put the deployment's alarms; they know nothing of it yet."""
        owner = self._context.owner(self._deployment.endpoint_config_name)
        ours = model_tags(owner.environment, owner.model)
        for payload in self._payloads(owner.tags):
            self._context.store.confirm()
            self._alarms.put(payload, ours)

    def look(self) -> None:
        """Look once, and write what is seen; set the stop alarm off where it must be."""
        row = self._reread()
        taken_back = row.progress.get("taken_back")
        if row.state not in SHIFTING or taken_back or not self._policy.bake:
            return
        seen = self._context.gateway.describe("endpoint", row.endpoint_name)
        stage = stage_of(seen.description if seen else {}, self._policy, row.progress)
        if stage is None:
            return
        evidence = self._evidence(row, stage)
        try:
            self._act(row, stage, evidence)
        except ConflictError:
            if self._reread().revision == row.revision:
                raise  # fenced: somebody else moves it now

    def evidence(self, row: Deployment) -> Evidence:
        """Return what is known when SageMaker waits no more."""
        return Evidence(self._states(), row.decision, row.decision_reason)

    def stop(self, reason: str) -> None:
        """Set off the alarm that makes SageMaker take the shift back."""
        if not self._policy.bake:
            return
        self._context.store.confirm()
        try:
            self._alarms.set_state(self._watched.stop_name, AlarmState.ALARM, reason)
        except SageMakerError as error:
            if error.fault is not Fault.MISSING:  # somebody deleted it: nothing to set
                raise

    def rolled_back_by(self, reason: str) -> list[str]:
        """Return the metrics whose alarms SageMaker names as a rollback's reason."""
        return [
            wanted.metric
            for wanted in self._policy.alarms
            if self._watched.alarm_name(wanted.metric) in reason
        ]

    def _payloads(self, tags: list[dict[str, str]]) -> Iterator[dict[str, object]]:
        if self._policy.bake:
            for wanted in self._policy.alarms:
                yield alarm(self._watched, wanted, tags)
            yield stop_alarm(self._watched, tags)

    def _evidence(self, row: Deployment, stage: Stage) -> Evidence:
        pace = self._context.pace
        margin = min(max(_TO_BE_SEEN, 3 * pace.poll_seconds), stage.seconds / 2)
        left = stage.left(self._context.store.now())
        before = row.progress.get("since")
        moved_on = before is not None and before != stage.began_at.isoformat()
        if row.state == "holding" and moved_on:
            left = 0.0  # SageMaker went on before it could be stopped
        said = (row.decision, row.decision_reason)
        return Evidence(self._states(), *said, left, margin)

    def _states(self) -> dict[str, AlarmState]:
        if not self._policy.watched:
            return {}
        names = {
            self._watched.alarm_name(wanted.metric): wanted.metric
            for wanted in self._policy.alarms
        }
        found = self._alarms.states(list(names))
        return {metric: found[name] for name, metric in names.items()}

    def _act(self, row: Deployment, stage: Stage, evidence: Evidence) -> None:
        verdict = judge(evidence)
        progress = {
            "share": stage.share,
            "since": stage.began_at.isoformat(),
            "seconds": stage.seconds,
            "alarms": dict(evidence.alarms),
        }
        self._tell(verdict, stage, evidence)
        if verdict is Verdict.ABORT:
            reason = evidence.objection(f"at {stage.share} % of the traffic")
            self._advance(row, "abort", reason, progress)
            self.stop(reason)
        elif verdict is Verdict.TAKE_BACK:
            reason = f"at {stage.share} % of the traffic: {evidence.summary}"
            self._advance(row, "hold", reason, progress | {"taken_back": True})
            self.stop(reason)
        elif verdict is Verdict.HOLD:
            self._advance(row, "hold", evidence.summary, progress)
        else:
            self._advance(row, "bake", evidence.summary, progress)

    def _advance(
        self, row: Deployment, trigger: str, reason: str, progress: dict[str, object]
    ) -> None:
        """Fire a trigger, where it leads anywhere; write how far the shift came."""
        here = {"hold": "holding", "bake": "baking"}.get(trigger)
        if row.state != here:
            self._context.store.advance(row, trigger, reason, progress=progress)
        elif row.progress != progress:
            self._context.store.amend(row, reason=reason, progress=progress)

    def _tell(self, verdict: Verdict, stage: Stage, evidence: Evidence) -> None:
        line = (
            f"{stage.share} % of the traffic for {stage.seconds} s, {evidence.summary}"
        )
        if verdict is Verdict.HOLD:
            model = self._deployment.model
            line += (
                f"; holding: invoke promote --model {model}, or invoke rollback"
                f" --model {model}"
            )
        if line != self._said:
            self._said = line
            self._context.observer.step_note(STEP, line)

    def _reread(self) -> Deployment:
        return self._context.store.records.deployment(self._deployment.id)
