"""Who may make a version serve: a run, a person who promotes, a person who goes back."""

from dataclasses import dataclass

from slipway.controller.claims import moving_model
from slipway.controller.context import Context
from slipway.controller.endpoints import serves
from slipway.controller.garbage.tombstones import check_not_retired
from slipway.controller.hosting import config_name_of
from slipway.controller.orm import Deployment, ModelVersion
from slipway.controller.rollout.asking import (
    ask_promotion,
    ask_return,
    goes_back,
    goes_on,
    latest_deployment,
    open_deployment,
)
from slipway.controller.rollout.course import Course
from slipway.controller.rollout.images import check_content
from slipway.controller.rollout.refusals import check_not_failed_before
from slipway.controller.rollout.verdict import ROLLBACK
from slipway.controller.serving import endpoint_name
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.versions import check_may_serve
from slipway.errors import StepFailedError


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
    with moving_model(context) as held:
        return _deployed(held, run_id, version)


def _deployed(context: Context, run_id: str, version: ModelVersion) -> Rollout:
    config_name = config_name_of(context, version)
    check_not_retired(context, version)
    check_may_serve(version)
    latest = latest_deployment(context)
    if latest is not None and goes_back(latest):
        Course(context, latest).run()
        latest = latest_deployment(context)
    if latest is None or not goes_on(latest, config_name):
        check_not_failed_before(context, version)
    check_content(context, version)
    wanted = Deployment(
        kind="deploy",
        run_id=run_id,
        version=version.version,
        endpoint_config_name=config_name,
        policy=context.policy,
    )
    return _carried_out(context, open_deployment(context, wanted))


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
    with moving_model(context) as held:
        row = Course(held, asked).run()
    if row.state not in {"aborted", "rolled_back"}:
        message = f"Version {row.version} is {row.state}: {row.reason}"
        raise StepFailedError(message)
    previous = row.previous_config_name
    number = context.store.records.version_of_config(row.endpoint_name, previous)
    return Rollout(row.endpoint_name, previous, number)


def is_live(context: Context, version: ModelVersion) -> bool:
    """Tell whether `version` was verified, and is what the endpoint serves now."""
    if version.state != CHAMPION:
        return False
    seen = context.gateway.describe("endpoint", endpoint_name(context))
    return serves(seen, config_name_of(context, version))


def _carried_out(context: Context, deployment: Deployment) -> Rollout:
    with moving_model(context) as held:
        row = Course(held, deployment).run()
    if row.state != "succeeded":
        raise StepFailedError(row.reason or f"Version {row.version} is {row.state}")
    return Rollout(row.endpoint_name, row.endpoint_config_name, row.version)
