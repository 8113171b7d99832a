"""Rollouts: an endpoint updated to a version, verified, or put back as it was."""

from contextlib import suppress
from dataclasses import dataclass

from slipway.controller.context import Context
from slipway.controller.endpoints import (
    change_endpoint,
    config_of,
    observe,
    serves,
    verify_images,
    why_not,
)
from slipway.controller.garbage.tombstones import check_not_retired
from slipway.controller.hosting import (
    STEP,
    check_archive,
    config_name_of,
    create_config,
)
from slipway.controller.orm import Deployment, Endpoint, ModelVersion
from slipway.controller.serving import endpoint_name, smoke_test
from slipway.controller.states import CHARTS
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store.endpoints import want_endpoint
from slipway.errors import SlipwayError, StepFailedError, UnavailableError
from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Observation

#: Where a deployment was left that the same command goes on with.
_GOES_ON = frozenset({"planned", "updating", "verifying"})


@dataclass(frozen=True)
class Rollout:
    """What an endpoint ends up with."""

    endpoint_name: str
    endpoint_config_name: str
    version: int


def deploy(context: Context, run_id: str, version: ModelVersion) -> Rollout:
    """Make `version` serve on its model's endpoint, and see that it does.

    Raises StepFailedError when the endpoint does not end up serving it: the version
    that served before then serves still.
    """
    name = endpoint_name(context)
    config_name = config_name_of(context, version)
    check_not_retired(context, version)
    check_archive(context, version)
    seen = context.gateway.describe("endpoint", name)
    deployment = _open(context, run_id, version, seen)
    try:
        _roll_out(context, deployment, version)
    except SlipwayError as error:
        if not _in_doubt(error):
            _give_up(context, deployment, error)
        raise
    return Rollout(name, config_name, version.version)


def is_live(context: Context, version: ModelVersion) -> bool:
    """Tell whether `version` was verified, and is what the endpoint serves now."""
    if version.state != CHAMPION:
        return False
    seen = context.gateway.describe("endpoint", endpoint_name(context))
    return seen is not None and serves(seen, config_name_of(context, version))


def _open(
    context: Context, run_id: str, version: ModelVersion, seen: Observation | None
) -> Deployment:
    """Return the deployment that was left unfinished, or a new one."""
    config_name = config_name_of(context, version)
    latest = context.store.records.latest_deployment(version.model, version.environment)
    if latest is not None and latest.state in CHARTS["deployment"].unfinished:
        if latest.endpoint_config_name == config_name and latest.state in _GOES_ON:
            return latest
        reason = f"version {version.version} overtook it"
        context.store.advance(latest, "supersede", reason)
    serving = config_of(seen)
    return context.store.add(
        Deployment(
            environment=version.environment,
            model=version.model,
            run_id=run_id,
            endpoint_name=endpoint_name(context),
            version=version.version,
            endpoint_config_name=config_name,
            previous_config_name=serving if serving != config_name else "",
        )
    )


def _in_doubt(error: SlipwayError) -> bool:
    """Tell whether the rollout may still succeed: the same command then goes on."""
    if isinstance(error, SageMakerError):
        return error.fault is not Fault.BAD_REQUEST
    return isinstance(error, UnavailableError)


def _roll_out(context: Context, deployment: Deployment, version: ModelVersion) -> None:
    store, run_id = context.store, deployment.run_id
    create_config(context, run_id, version)
    if deployment.state == "planned":
        deployment = store.advance(deployment, "update")
    want_endpoint(
        store,
        Endpoint(
            name=deployment.endpoint_name,
            environment=version.environment,
            model=version.model,
            desired_config_name=deployment.endpoint_config_name,
            desired_version=version.version,
        ),
    )
    operation = change_endpoint(
        context, deployment, deployment.endpoint_config_name, "roll-out"
    )
    seen = observe(context, deployment.endpoint_name)
    if operation.state != "succeeded" or not serves(
        seen, deployment.endpoint_config_name
    ):
        raise StepFailedError(why_not(context, deployment, operation, seen))
    if deployment.state == "updating":
        deployment = store.advance(deployment, "verify")
    try:
        verify_images(seen, version)
        smoke_test(context, version)
    except SlipwayError as error:
        if not _in_doubt(error):
            _put_back(context, deployment)
        raise
    store.advance(deployment, "succeed")
    store.promote(version, f"deployment {deployment.id} verified")


def _put_back(context: Context, deployment: Deployment) -> None:
    """Make the endpoint serve what it served before the deployment."""
    previous = deployment.previous_config_name
    if not previous:
        return
    context.observer.step_status(STEP, f"going back to {previous}")
    deployment = context.store.advance(deployment, "go_back")
    change_endpoint(context, deployment, previous, "roll-back")


def _give_up(context: Context, deployment: Deployment, error: SlipwayError) -> None:
    """Record how the deployment ended, by what the endpoint serves now."""
    store = context.store
    current = store.records.latest_deployment(deployment.model, deployment.environment)
    if current is None or current.id != deployment.id:
        return
    previous = deployment.previous_config_name
    back = bool(previous) and current.state != "planned"
    store.advance(current, "roll_back" if back else "fail", str(error))
    endpoint = store.records.endpoint(deployment.endpoint_name)
    if previous and endpoint is not None:
        served = store.records.version_of_config(endpoint.name, previous)
        want_endpoint(
            store,
            Endpoint(
                name=endpoint.name,
                desired_config_name=previous,
                desired_version=served,
            ),
        )
        with suppress(SlipwayError):  # what ended the deployment matters more
            observe(context, endpoint.name)
