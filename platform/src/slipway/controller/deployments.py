"""Who may make a version serve: a run, a person who promotes, a person who goes back."""

from dataclasses import dataclass

from slipway.controller.champions import expect_champion
from slipway.controller.context import Context
from slipway.controller.endpoints import config_of, serves
from slipway.controller.exclusive import wait_for_collection
from slipway.controller.garbage.tombstones import check_not_retired
from slipway.controller.hosting import check_archive, config_name_of
from slipway.controller.orm import Deployment, ModelVersion
from slipway.controller.rollout.course import Course
from slipway.controller.rollout.images import check_image
from slipway.controller.rollout.refusals import check_not_failed_before
from slipway.controller.rollout.return_way import before
from slipway.controller.rollout.verdict import PROMOTE, ROLLBACK
from slipway.controller.rollout.watch import SHIFTING, Watch
from slipway.controller.serving import endpoint_name
from slipway.controller.states import CHARTS
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store.deployments import decide, spoken
from slipway.controller.versions import check_may_serve, version_of
from slipway.errors import InvalidRequestError, StepFailedError
from slipway.spec import DeploymentPolicy

_UNFINISHED = CHARTS["deployment"].unfinished
_AT_ONCE = DeploymentPolicy(alarms=())


@dataclass(frozen=True)
class Rollout:
    """What an endpoint ends up with."""

    endpoint_name: str
    endpoint_config_name: str
    version: int


def deploy(context: Context, run_id: str, version: ModelVersion) -> Rollout:
    """Make `version` serve on its model's endpoint, and see that it does.

    Raises StepFailedError when the endpoint does not end up serving it: the version
    that served before then serves still. HeldError when a person has to decide.
    """
    config_name = config_name_of(context, version)
    check_not_retired(context, version)
    check_may_serve(version)
    latest = _latest(context)
    if latest is not None and _goes_back(latest):
        Course(context, latest).run()
        latest = _latest(context)
    if latest is None or not _goes_on(latest, config_name):
        check_not_failed_before(context, endpoint_name(context), config_name, version)
    _check_content(context, version)
    wanted = Deployment(
        kind="deploy",
        run_id=run_id,
        version=version.version,
        endpoint_config_name=config_name,
        policy=_policy(context),
    )
    return _carried_out(context, _opened(context, wanted))


def promote(
    context: Context,
    number: int | None,
    reason: str = "",
    *,
    expects: int | None = None,
) -> Rollout:
    """Let a deployment go on that waits or is watched; or deploy version `number`.

    A person answers for it: what failed before is sent again, and missing data do not
    hold it. An alarm that goes off still ends it. ConflictError unless `expects` is the
    champion: 0, there is none; None, whichever is.
    """
    asked = ask_promotion(context, number, reason, expects=expects)
    return _carried_out(context, asked)


def ask_promotion(
    context: Context,
    number: int | None,
    reason: str = "",
    *,
    expects: int | None = None,
) -> Deployment:
    """Write what `promote` is to do, and do nothing yet."""
    expect_champion(context, expects)
    latest = _latest(context)
    under_way = latest if latest is not None and _goes_on(latest) else None
    if under_way is not None and number in {None, under_way.version}:
        if _goes_back(under_way):
            message = (
                f"{context.spec.name} is going back already; there is nothing to promote."
                f" Afterwards: invoke promote --model {context.spec.name} --version N"
            )
            raise InvalidRequestError(message)
        return decide(context.store, under_way, PROMOTE, reason or "no reason given")
    if number is None:
        message = (
            f"No deployment of {context.spec.name} is under way: there is nothing to"
            f" promote. Name a version: invoke promote --model {context.spec.name}"
            " --version N; invoke versions lists them"
        )
        raise InvalidRequestError(message)
    if under_way is not None:
        raise InvalidRequestError(_in_the_way(under_way))
    version = _servable(context, number)
    _check_content(context, version)
    wanted = Deployment(
        kind="promote",
        run_id=version.run_id,
        version=number,
        endpoint_config_name=config_name_of(context, version),
        policy=_policy(context),
        decision=PROMOTE,
        decision_reason=spoken(context.store, PROMOTE, reason or "by number"),
    )
    return _opened(context, wanted)


def roll_back(
    context: Context, reason: str = "", *, expects: int | None = None
) -> Rollout:
    """Make the endpoint serve what it served before, verified as a new version is.

    A deployment that is under way is ended; after one that succeeded, the config before
    it is asked for. Nothing is deleted. `expects` is as for `promote`.
    """
    asked = ask_return(context, reason, expects=expects)
    if asked.kind == ROLLBACK:
        return _carried_out(context, asked)
    row = Course(context, asked).run()
    if row.state not in {"aborted", "rolled_back"}:
        message = f"Version {row.version} is {row.state}: {row.reason}"
        raise StepFailedError(message)
    previous = row.previous_config_name
    number = context.store.records.version_of_config(row.endpoint_name, previous)
    return Rollout(row.endpoint_name, previous, number)


def ask_return(
    context: Context, reason: str = "", *, expects: int | None = None
) -> Deployment:
    """Write what `roll_back` is to do, and do nothing yet."""
    expect_champion(context, expects)
    latest, said = _latest(context), reason or "no reason given"
    if latest is not None and _goes_on(latest):
        return _ended(context, latest, said)
    previous, number = before(context, _serving(context))
    version = _servable(context, number)
    check_image(context, version)
    wanted = Deployment(
        kind=ROLLBACK,
        run_id=version.run_id,
        version=version.version,
        endpoint_config_name=previous,
        policy=_AT_ONCE.model_dump(mode="json"),
        decision_reason=spoken(context.store, ROLLBACK, said),
    )
    return _opened(context, wanted)


def ask_abort(context: Context, reason: str = "") -> Deployment:
    """Write that the deployment that is under way is to be taken back."""
    latest = _latest(context)
    if latest is None or not _goes_on(latest):
        message = (
            f"No deployment of {context.spec.name} is under way: there is nothing to end."
            f" Take back what serves: invoke rollback --model {context.spec.name}"
        )
        raise InvalidRequestError(message)
    return _ended(context, latest, reason or "no reason given")


def is_live(context: Context, version: ModelVersion) -> bool:
    """Tell whether `version` was verified, and is what the endpoint serves now."""
    if version.state != CHAMPION:
        return False
    seen = context.gateway.describe("endpoint", endpoint_name(context))
    return serves(seen, config_name_of(context, version))


def _opened(context: Context, wanted: Deployment) -> Deployment:
    """Return the deployment that was left unfinished, or `wanted`, written."""
    latest, name = _latest(context), endpoint_name(context)
    settled = context.store.records.settled_config(name)
    previous = _serving(context) or settled
    if latest is not None and _goes_on(latest):
        if _goes_on(latest, wanted.endpoint_config_name):
            return latest
        _overtake(context, latest, wanted.version)
        if previous == latest.endpoint_config_name:  # it may never have been verified
            previous = latest.previous_config_name
    if previous == wanted.endpoint_config_name != settled:
        previous = context.store.records.way_back(name, previous)
    wanted.environment = context.settings.environment.name
    wanted.model, wanted.endpoint_name = context.spec.name, name
    wanted.previous_config_name = previous
    return context.store.add(wanted)


def _overtake(context: Context, latest: Deployment, version: int) -> None:
    """End an unfinished deployment for another; a shift under way is stopped."""
    reason = f"version {version} overtook it"
    context.store.advance(latest, "supersede", reason)
    if latest.state in SHIFTING:
        Watch(context, latest).stop(reason)


def _ended(context: Context, latest: Deployment, reason: str) -> Deployment:
    """Return an unfinished deployment that is to go back; a rollback goes on."""
    if latest.kind == ROLLBACK:
        return latest
    if not latest.previous_config_name and latest.state != "planned":
        message = (
            f"Nothing served before version {latest.version} on"
            f" {latest.endpoint_name!r}: there is nothing to go back to"
        )
        raise InvalidRequestError(message)
    if _goes_back(latest):
        return latest
    return decide(context.store, latest, ROLLBACK, reason)


def _carried_out(context: Context, deployment: Deployment) -> Rollout:
    if not context.store.held:
        wait_for_collection(context)
    row = Course(context, deployment).run()
    if row.state != "succeeded":
        raise StepFailedError(row.reason or f"Version {row.version} is {row.state}")
    return Rollout(row.endpoint_name, row.endpoint_config_name, row.version)


def _servable(context: Context, number: int) -> ModelVersion:
    """Return version `number`, or raise when it may not serve."""
    version = version_of(context, number)
    check_not_retired(context, version)
    check_may_serve(version)
    return version


def _check_content(context: Context, version: ModelVersion) -> None:
    """Refuse an artifact or an image that is not the one that was registered."""
    check_image(context, version)
    check_archive(context, version)


def _policy(context: Context) -> dict[str, object]:
    return context.spec.endpoint.deployment.model_dump(mode="json")


def _latest(context: Context) -> Deployment | None:
    records, environment = context.store.records, context.settings.environment.name
    return records.latest_deployment(context.spec.name, environment)


def _goes_on(latest: Deployment, config_name: str = "") -> bool:
    """Tell whether a deployment is unfinished, and on its way to `config_name`."""
    if latest.state not in _UNFINISHED:
        return False
    return not config_name or latest.endpoint_config_name == config_name


def _goes_back(latest: Deployment) -> bool:
    """Tell whether a deployment is unfinished, and on its way to what was before."""
    back = latest.kind == ROLLBACK or latest.state in {"aborting", "rolling_back"}
    return back and latest.state in _UNFINISHED


def _serving(context: Context) -> str:
    """Return the config that the endpoint serves; empty: it serves none."""
    seen = context.gateway.describe("endpoint", endpoint_name(context))
    return config_of(seen) if seen is not None and seen.status != "Failed" else ""


def _in_the_way(latest: Deployment) -> str:
    return (
        f"Version {latest.version} of {latest.model} is being deployed ({latest.state})."
        f" End it first: invoke rollback --model {latest.model}"
    )
