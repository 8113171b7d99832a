"""The reconciler: what is due is looked at, and moved by what is seen."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from slipway.controller.deadlines import is_late, waits_for_a_person
from slipway.controller.drift import Watch, describe
from slipway.controller.estate import Estate, Mover
from slipway.controller.exclusive import unless_moving
from slipway.controller.findings import Finding
from slipway.controller.lateness import abandoned
from slipway.controller.orm import Deployment, Endpoint, Operation
from slipway.controller.schedule import schedule
from slipway.controller.states import CHARTS
from slipway.controller.stepping import Stepper
from slipway.controller.store import Store
from slipway.controller.store.due import Due
from slipway.controller.sweep import orphans
from slipway.errors import ConflictError
from slipway.sagemaker.errors import SageMakerError
from slipway.sagemaker.resources import RESOURCES

#: Operations that are read at once.
_BATCH = 50
#: Seconds after which a pass is due again where nothing says when.
_IDLE = 60.0


@dataclass(frozen=True)
class Report:
    """What one pass did and found."""

    #: Operations that were looked at.
    moved: int
    #: Of those, model, name and state of each that ended.
    ended: tuple[tuple[str, str, str], ...]
    #: Models that somebody else moves, or whose jobs somebody follows: left to them.
    skipped: tuple[str, ...]
    findings: tuple[Finding, ...]
    #: Seconds until something is due again.
    wait: float


def reconcile(
    estate: Estate,
    tell: Callable[[str], None],
    *,
    sweep: bool = False,
    fresh: float = 0.0,
) -> Report:
    """Take one pass over an environment: move what is due, look at every endpoint.

    Anybody may take it, as often as they like: what is seen decides, and a model that
    a command moves is left to it. `fresh` is for how many seconds a look at an endpoint
    counts; `sweep` lists what is tagged as ours and has no row.
    """
    store = estate.store
    due, now = Due(store.database, estate.environment), store.now()
    plan = schedule(estate.pace, due.under_way())
    stepper = Stepper(estate.gateway, estate.pace, plan, tell)
    made = _Pass(estate, due, stepper, now, dt.timedelta(seconds=fresh))
    for model in due.models(now):
        if stepper.is_lost:
            break
        made.model(model)
    following, wait = due.next_at(), _IDLE
    if following is not None:
        until = (following - store.now()).total_seconds()
        wait = min(_IDLE, max(estate.pace.poll_seconds, until))
    findings = [*stepper.findings, *made.findings, *_stuck(due)]
    findings += abandoned(estate, due)
    if sweep:
        findings += _swept(estate)
    return Report(
        stepper.moved, tuple(stepper.ended), tuple(made.skipped), tuple(findings), wait
    )


@dataclass(frozen=True)
class _Pass:
    """One pass over an environment's models."""

    estate: Estate
    due: Due
    stepper: Stepper
    now: dt.datetime
    #: How long a look at an endpoint counts.
    fresh: dt.timedelta
    skipped: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def model(self, model: str) -> None:
        """Move one model's operations, then look at its endpoint."""
        after: int | None = 0
        try:
            while after is not None:
                after = self._batch(model, after)
            with unless_moving(self.estate.mover(model)) as held:
                if held is None:
                    self._skip(model)
                    return
                self._deployments(held.store, model)
                self._endpoints(held.store, model)
        except ConflictError:  # somebody else moved it meanwhile, or holds its lease
            self._skip(model)
        except SageMakerError as error:
            self.stepper.unanswered += 1
            unseen = Finding("unseen", model, "sagemaker", "", str(error))
            self.findings.append(unseen)

    def _batch(self, model: str, after: int) -> int | None:
        """Move a batch of due operations; return where to go on, None: that was all."""
        batch = self.due.operations(model, self.now, after=after, limit=_BATCH)
        for operation in batch:
            self._operation(model, operation)
        return batch[-1].id if len(batch) == _BATCH else None

    def _operation(self, model: str, operation: Operation) -> None:
        """Move an operation that nobody else does; none waits for long.

        Who follows a job holds a lease of its key; all else is moved with the model.
        """
        with ExitStack() as stack:
            store = self.estate.store
            for mover in self._movers(model, operation):
                held = stack.enter_context(unless_moving(replace(mover, store=store)))
                if held is None:
                    self._skip(model)
                    return
                store = held.store
            current = store.records.latest_operation(operation.key)
            if current is not None and current.revision == operation.revision:
                self.stepper.step(store, model, current)

    def _movers(self, model: str, operation: Operation) -> Iterator[Mover]:
        if RESOURCES[operation.resource].stop is None:
            yield self.estate.mover(model)
        yield self.estate.leasing(operation.key)

    def _skip(self, model: str) -> None:
        if model not in self.skipped:
            self.skipped.append(model)

    def _deployments(self, store: Store, model: str) -> None:
        """Give up what passed its deadline, and report it."""
        for deployment in self.due.deployments(model):
            found, new = deployment, False
            overdue = is_late(
                "deployment", deployment, store.now()
            ) and not waits_for_a_person(deployment)
            if overdue and CHARTS["deployment"].target(deployment.state, "give_up"):
                reason = _advice(deployment)
                found, new = store.advance(deployment, "give_up", reason), True
            if overdue or found.state == "stuck":
                name = f"{found.endpoint_name} version {found.version}"
                message = found.reason or _advice(found)
                self.findings.append(
                    Finding("stuck", model, "deployment", name, message, new)
                )

    def _endpoints(self, store: Store, model: str) -> None:
        watch = Watch(store, self.estate.gateway)
        deployments = self.due.deployments(model)
        for endpoint in self.due.endpoints(model):
            settled = all(_rests(found, endpoint) for found in deployments)
            seen_at = endpoint.observed_at
            if seen_at is not None and self.now - seen_at < self.fresh:
                found = describe(endpoint, self.now, new=False)
            else:
                found = watch.look(endpoint, settled=settled)
                self.stepper.unanswered = 0
            if found is not None:
                self.findings.append(found)


def _rests(deployment: Deployment, endpoint: Endpoint) -> bool:
    """Tell whether a deployment waits for a person, and what was before should serve."""
    before = deployment.previous_config_name
    return waits_for_a_person(deployment) and endpoint.desired_config_name == before


def _advice(deployment: Deployment) -> str:
    state = CHARTS["deployment"].state(deployment.state)
    return (
        f"The deployment of version {deployment.version} to"
        f" {deployment.endpoint_name!r} is {state.name} for too long."
        f" What to do: {state.advice}"
    )


def _stuck(due: Due) -> list[Finding]:
    return [
        Finding("stuck", model, "operation", name, reason, new=False)
        for model, name, reason in due.stuck()
    ]


def _swept(estate: Estate) -> list[Finding]:
    """Return what the sweep finds; what keeps it from looking loses no other finding."""
    try:
        return _orphans(estate)
    except SageMakerError as error:
        return [Finding("unseen", "", "sagemaker", "", f"The sweep ended: {error}")]


def _orphans(estate: Estate) -> list[Finding]:
    owner = {"slipway:environment": estate.environment}
    prefix = f"{estate.environment}-"
    return [
        Finding(
            "orphan",
            "",
            orphan.resource,
            orphan.name,
            f"{orphan.name} is tagged as ours, and no row knows it: the database is"
            " older than it is. What to do: give the command that made it again, which"
            " adopts it; or delete it by hand",
        )
        for orphan in orphans(estate.store, estate.gateway, owner, prefix)
    ]
