"""A deployment's course: from where it stands, step by step, to its end."""

from collections.abc import Callable, Mapping

from slipway.controller.context import Context
from slipway.controller.endpoints import (
    Change,
    change_endpoint,
    observe,
    serves,
    settled,
    why_not,
)
from slipway.controller.hosting import STEP, create_config
from slipway.controller.orm import Deployment, Endpoint, ModelVersion, Operation
from slipway.controller.rollout.return_way import serve_again
from slipway.controller.rollout.verdict import PROMOTE, ROLLBACK, Verdict, judge
from slipway.controller.rollout.verification import check_accepted, verify
from slipway.controller.rollout.watch import SHIFTING, Watch
from slipway.controller.states import CHARTS
from slipway.controller.store.deployments import conclude
from slipway.controller.store.endpoints import want_endpoint
from slipway.errors import (
    ConflictError,
    FencedError,
    HeldError,
    SlipwayError,
    StuckError,
    UnavailableError,
)
from slipway.payloads.deployment import deployment_config
from slipway.s3.faults import PASSING
from slipway.s3.objects import S3Error
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Observation

_UNFINISHED = CHARTS["deployment"].unfinished


class Course:
    """Takes one deployment to its end. Any worker may: what is seen decides."""

    def __init__(self, context: Context, deployment: Deployment) -> None:
        self._context = context
        self._store = context.store
        self._id = deployment.id
        self._version = self._version_called(deployment.version)
        self._steps: Mapping[str, Callable[[Deployment], object]] = {
            "planned": self._begin,
            "updating": self._shift,
            "baking": self._shift,
            "holding": self._shift,
            "verifying": self._verify,
            "rolling_back": self._return,
            "aborting": self._return,
            "stuck": self._look_again,
        }

    def run(self) -> Deployment:
        """Return the deployment when it has ended; raise what keeps it from that.

        HeldError when a person has to decide. Somebody else may move it meanwhile.
        """
        while (row := self._row()).state in _UNFINISHED:
            try:
                self._steps[row.state](row)
            except (HeldError, FencedError):
                raise
            except ConflictError as error:
                if self._row().revision == row.revision:
                    self._give_up(row, error)
                    raise
            except SlipwayError as error:
                if not _in_doubt(error):
                    self._give_up(self._row(), error)
                raise
        return row

    def _begin(self, row: Deployment) -> None:
        """Make what is to serve, and its alarms; then the endpoint may change."""
        if row.decision == ROLLBACK:
            self._store.advance(row, "abort", row.decision_reason)
            return
        if row.kind != ROLLBACK:
            create_config(self._context, row.run_id, self._version)
        Watch(self._context, row).put_alarms()
        settled(self._context, row.endpoint_name)
        self._store.advance(row, "update")

    def _shift(self, row: Deployment) -> None:
        """Ask for the endpoint's update, and watch it to its end."""
        if row.progress.get("taken_back"):
            self._hold(row)
            return
        watch = Watch(self._context, row)
        self._want(row, row.endpoint_config_name, row.version)
        change = Change(
            row.endpoint_config_name,
            f"roll-out-{row.attempt}",
            deployment_config(watch.policy, watch.names),
        )
        operation = change_endpoint(self._context, row, change, watch.look)
        seen = observe(self._context, row.endpoint_name)
        row = self._row()
        if row.state in SHIFTING and not row.progress.get("taken_back"):
            self._judge(row, watch, operation, seen)

    def _judge(
        self, row: Deployment, watch: Watch, operation: Operation, seen: Observation
    ) -> None:
        """Say how the update of the endpoint ended."""
        if operation.state != "succeeded" or not serves(seen, row.endpoint_config_name):
            reason = why_not(self._context, row, operation, seen)
            if row.decision == ROLLBACK:
                self._store.advance(row, "abort", row.decision_reason)
            elif watch.rolled_back_by(seen.reason):
                self._store.advance(row, "abort", reason)
            else:
                self._end(row, reason)
            return
        evidence = watch.evidence(row)
        # nobody asked what was made anew: there was no shift that alarms could watch
        is_shift = operation.call == "UpdateEndpoint"
        verdict = judge(evidence) if is_shift else Verdict.GO
        if verdict is Verdict.GO:
            self._store.advance(row, "verify")
        elif verdict is Verdict.ABORT:
            reason = evidence.objection("after the shift")
            self._store.advance(row, "abort", reason)
        else:
            reason, taken_back = evidence.summary, row.progress | {"taken_back": True}
            if row.state == "holding":
                self._store.amend(row, progress=taken_back)
            else:
                self._store.advance(row, "hold", reason, progress=taken_back)

    def _hold(self, row: Deployment) -> None:
        """Serve what served before, until a person decides."""
        if row.decision == ROLLBACK:
            self._store.advance(row, "abort", row.decision_reason)
        elif row.decision == PROMOTE:
            again = {"attempt": row.attempt + 1, "progress": {}}
            Watch(self._context, row).put_alarms()
            self._store.advance(row, "update", row.decision_reason, **again)
        else:
            number = serve_again(self._context, row)
            self._want(row, row.previous_config_name, number)
            observe(self._context, row.endpoint_name)
            model = row.model
            message = (
                f"Version {row.version} of {model} holds: {row.reason}. What served"
                f" before serves. Go on without: invoke promote --model {model}; end it:"
                f" invoke rollback --model {model}"
            )
            raise HeldError(message)

    def _verify(self, row: Deployment) -> None:
        """Prove that the version serves; else go back."""
        if row.decision == ROLLBACK:
            self._store.advance(row, "abort", row.decision_reason)
            return
        self._context.observer.step_status(STEP, "asking the new version")
        try:
            check_accepted(self._context, self._version)
            digest = verify(self._context, row.endpoint_config_name, self._version)
        except SlipwayError as error:
            if _in_doubt(error):
                raise
            back = "go_back" if row.previous_config_name else "fail"
            self._store.advance(row, back, str(error))
            return
        conclude(self._store, row, self._version, digest)

    def _return(self, row: Deployment) -> None:
        """Serve what served before, verified in the same way."""
        if not row.previous_config_name:
            self._store.advance(row, "fail", row.reason)
            return
        previous = row.previous_config_name
        number = serve_again(self._context, row)
        self._want(row, previous, number)
        if number:
            verify(self._context, previous, self._version_called(number))
        trigger = "restore" if row.state == "aborting" else "roll_back"
        self._store.advance(row, trigger, row.reason)

    def _look_again(self, row: Deployment) -> None:
        """See what became of a deployment that was stuck."""
        seen = observe(self._context, row.endpoint_name)
        if row.decision == ROLLBACK:
            self._store.advance(row, "abort", row.decision_reason)
        elif serves(seen, row.endpoint_config_name):
            self._store.advance(row, "verify")
        elif serves(seen, row.previous_config_name):
            self._store.advance(row, "roll_back", row.reason)
        elif row.kind == ROLLBACK:
            again = {"attempt": row.attempt + 1, "progress": {}}
            self._store.advance(row, "update", row.decision_reason, **again)
        else:
            raise StuckError(row.reason)

    def _end(self, row: Deployment, reason: str) -> None:
        """Record an end that nobody asked for, by what the endpoint serves now."""
        previous = row.previous_config_name
        if row.state == "planned" or not previous:
            self._store.advance(row, "fail", reason)
            return
        seen = self._context.gateway.describe("endpoint", row.endpoint_name)
        if not serves(seen, previous):
            self._store.advance(row, "give_up", reason)
            advice = (
                f"{previous!r} is kept, and the same config is not sent again. Serve"
                f" what served before: invoke rollback --model {row.model}"
            )
            raise StuckError(f"{reason}\n{advice}")  # noqa: EM102 - the log is between
        number = self._store.records.version_of_config(row.endpoint_name, previous)
        self._want(row, previous, number)
        observe(self._context, row.endpoint_name)
        trigger = "restore" if row.state == "aborting" else "roll_back"
        self._store.advance(row, trigger, reason)

    def _give_up(self, row: Deployment, error: SlipwayError) -> None:
        """Record how the deployment ended, unless it has, or its last word is said."""
        if row.state not in _UNFINISHED or row.state == "stuck":
            return
        if row.state in {"rolling_back", "aborting"} or isinstance(error, StuckError):
            self._store.advance(row, "give_up", str(error))
        else:
            self._end(row, str(error))

    def _want(self, row: Deployment, config_name: str, version: int) -> None:
        wanted = Endpoint(
            name=row.endpoint_name,
            environment=row.environment,
            model=row.model,
            desired_config_name=config_name,
            desired_version=version,
        )
        want_endpoint(self._store, wanted)

    def _version_called(self, number: int) -> ModelVersion:
        spec, environment = self._context.spec, self._context.settings.environment
        versions = self._store.records.versions(spec.name, environment.name)
        return next(version for version in versions if version.version == number)

    def _row(self) -> Deployment:
        return self._store.records.deployment(self._id)


def _in_doubt(error: SlipwayError) -> bool:
    """Tell whether it may still succeed: the same command then goes on."""
    if isinstance(error, SageMakerError):
        return error.fault is not Fault.BAD_REQUEST
    if isinstance(error, S3Error):
        return error.fault in PASSING
    return isinstance(error, UnavailableError)
