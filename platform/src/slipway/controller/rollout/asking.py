"""What is asked of a model's endpoint: a word to what is under way, or a new deployment."""

from collections.abc import Callable

from slipway.controller.champions import expect_champion
from slipway.controller.claims import Waiting, moving_model
from slipway.controller.context import Context
from slipway.controller.endpoints import config_of
from slipway.controller.garbage.tombstones import check_not_retired
from slipway.controller.hosting import config_name_of
from slipway.controller.orm import Deployment, ModelVersion
from slipway.controller.rollout.images import check_content, check_image
from slipway.controller.rollout.return_way import before
from slipway.controller.rollout.verdict import PROMOTE, ROLLBACK
from slipway.controller.rollout.watch import SHIFTING, Watch
from slipway.controller.serving import endpoint_name
from slipway.controller.states import CHARTS
from slipway.controller.store.deployments import begin, decide, spoken
from slipway.controller.versions import MAY_ANSWER, check_may_serve, version_of
from slipway.errors import InvalidRequestError
from slipway.spec import DeploymentPolicy

_UNFINISHED = CHARTS["deployment"].unfinished
_AT_ONCE = DeploymentPolicy(alarms=())


def ask_promotion(
    context: Context,
    number: int | None,
    reason: str = "",
    *,
    expects: int | None = None,
    waiting: Waiting | None = None,
) -> Deployment:
    """Write what `promote` is to do, and do nothing yet; `waiting` is as for a lease."""

    def heard(under_way: Deployment) -> Deployment:
        return _let_on(context, under_way, number, reason or "no reason given")

    def wanted(held: Context) -> Deployment:
        return _promotion(held, number, reason or "by number")

    return _asked(context, heard, wanted, expects=expects, waiting=waiting)


def ask_return(
    context: Context,
    reason: str = "",
    *,
    expects: int | None = None,
    waiting: Waiting | None = None,
) -> Deployment:
    """Write what `roll_back` is to do, and do nothing yet; `waiting` is as for a lease."""
    said = reason or "no reason given"

    def heard(under_way: Deployment) -> Deployment:
        return _ended(context, under_way, said)

    def wanted(held: Context) -> Deployment:
        return _way_back(held, said)

    return _asked(context, heard, wanted, expects=expects, waiting=waiting)


def ask_abort(context: Context, reason: str = "") -> Deployment:
    """Write that the deployment that is under way is to be taken back."""
    under_way = _under_way(context)
    if under_way is None:
        message = (
            f"No deployment of {context.spec.name} is under way: there is nothing to end."
            f" Take back what serves: invoke rollback --model {context.spec.name}"
        )
        raise InvalidRequestError(message)
    return _ended(context, under_way, reason or "no reason given")


def open_deployment(context: Context, wanted: Deployment) -> Deployment:
    """Return the deployment that was left unfinished, or `wanted`, written."""
    latest, name = latest_deployment(context), endpoint_name(context)
    settled = context.store.records.settled_config(name)
    previous = _serving(context) or settled
    if latest is not None and goes_on(latest):
        if goes_on(latest, wanted.endpoint_config_name):
            return latest
        _overtake(context, latest, wanted.version)
        if previous == latest.endpoint_config_name:  # it may never have been verified
            previous = latest.previous_config_name
    if previous == wanted.endpoint_config_name != settled:
        previous = context.store.records.way_back(name, previous)
    wanted.environment = context.settings.environment.name
    wanted.model, wanted.endpoint_name = context.spec.name, name
    wanted.previous_config_name = previous
    return begin(context.store, wanted, MAY_ANSWER)


def latest_deployment(context: Context) -> Deployment | None:
    """Return the model's last deployment; None: there was none."""
    records, environment = context.store.records, context.settings.environment.name
    return records.latest_deployment(context.spec.name, environment)


def goes_on(latest: Deployment, config_name: str = "") -> bool:
    """Tell whether a deployment is unfinished, and on its way to `config_name`."""
    if latest.state not in _UNFINISHED:
        return False
    return not config_name or latest.endpoint_config_name == config_name


def goes_back(latest: Deployment) -> bool:
    """Tell whether a deployment is unfinished, and on its way to what was before."""
    back = latest.kind == ROLLBACK or latest.state in {"aborting", "rolling_back"}
    return back and latest.state in _UNFINISHED


def _asked(
    context: Context,
    heard: Callable[[Deployment], Deployment],
    wanted: Callable[[Context], Deployment],
    *,
    expects: int | None,
    waiting: Waiting | None,
) -> Deployment:
    """Return what is under way once it has `heard`, or else what is `wanted`, written.

    A person's word waits for no lease: whoever carries the deployment out reads it. What
    is new is written by who holds the model: nobody collects or retires what it needs.
    """
    expect_champion(context, expects)
    under_way = _under_way(context)
    if under_way is not None:
        return heard(under_way)
    with moving_model(context, waiting) as held:
        expect_champion(held, expects)
        under_way = _under_way(held)  # somebody may have been quicker
        if under_way is not None:
            return heard(under_way)
        return open_deployment(held, wanted(held))


def _let_on(
    context: Context, under_way: Deployment, number: int | None, reason: str
) -> Deployment:
    """Return what is under way, told to go on; raise for what is no promotion of it."""
    if number not in {None, under_way.version}:
        raise InvalidRequestError(_in_the_way(under_way))
    if goes_back(under_way):
        message = (
            f"{context.spec.name} is going back already; there is nothing to promote."
            f" Afterwards: invoke promote --model {context.spec.name} --version N"
        )
        raise InvalidRequestError(message)
    return decide(context.store, under_way, PROMOTE, reason)


def _promotion(context: Context, number: int | None, reason: str) -> Deployment:
    """Return the deployment of a version that a person names; raise when it cannot be."""
    if number is None:
        message = (
            f"No deployment of {context.spec.name} is under way: there is nothing to"
            f" promote. Name a version: invoke promote --model {context.spec.name}"
            " --version N; invoke versions lists them"
        )
        raise InvalidRequestError(message)
    version = _servable(context, number)
    check_content(context, version)
    return Deployment(
        kind="promote",
        run_id=version.run_id,
        version=number,
        endpoint_config_name=config_name_of(context, version),
        policy=context.policy,
        decision=PROMOTE,
        decision_reason=spoken(context.store, PROMOTE, reason),
    )


def _way_back(context: Context, reason: str) -> Deployment:
    """Return the deployment of what served before; raise when there is none to go to."""
    previous, number = before(context, _serving(context))
    version = _servable(context, number)
    check_image(context, version)
    return Deployment(
        kind=ROLLBACK,
        run_id=version.run_id,
        version=version.version,
        endpoint_config_name=previous,
        policy=_AT_ONCE.model_dump(mode="json"),
        decision_reason=spoken(context.store, ROLLBACK, reason),
    )


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
    if goes_back(latest):
        return latest
    return decide(context.store, latest, ROLLBACK, reason)


def _servable(context: Context, number: int) -> ModelVersion:
    """Return version `number`, or raise when it may not serve."""
    version = version_of(context, number)
    check_not_retired(context, version)
    check_may_serve(version)
    return version


def _under_way(context: Context) -> Deployment | None:
    latest = latest_deployment(context)
    return latest if latest is not None and goes_on(latest) else None


def _serving(context: Context) -> str:
    """Return the config that the endpoint serves; empty: it serves none."""
    seen = context.gateway.describe("endpoint", endpoint_name(context))
    return config_of(seen) if seen is not None and seen.status != "Failed" else ""


def _in_the_way(latest: Deployment) -> str:
    return (
        f"Version {latest.version} of {latest.model} is being deployed ({latest.state})."
        f" End it first: invoke rollback --model {latest.model}"
    )
