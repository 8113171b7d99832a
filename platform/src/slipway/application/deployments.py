"""Deployments: listed, looked at, and asked for; a worker carries them out."""

from slipway.application.listing import listed
from slipway.application.pages import DeploymentPageAsked
from slipway.application.patience import briefly
from slipway.application.requests import DeploymentNamed, PromotionAsked, ReturnAsked
from slipway.application.views import DeploymentView, Page
from slipway.application.workspace import Workspace
from slipway.controller.context import Context
from slipway.controller.orm import Deployment
from slipway.controller.rollout.asking import ask_abort, ask_promotion, ask_return
from slipway.controller.store.deployments import hand_over
from slipway.controller.store.pages import page
from slipway.errors import NotFoundError


def list_deployments(
    workspace: Workspace, asked: DeploymentPageAsked
) -> Page[DeploymentView]:
    """Return deployments, the newest first."""
    return listed(workspace, asked, Deployment, DeploymentView.model_validate)


def show_deployment(workspace: Workspace, asked: DeploymentNamed) -> DeploymentView:
    """Return a deployment: how it stands, how far its traffic is shifted."""
    environment = workspace.settings.environment.name
    equal = {"id": asked.id, "environment": environment}
    found = page(workspace.store.database, Deployment, equal, limit=1)
    if not found:
        message = (
            f"There is no deployment {asked.id} in {environment!r}. See them: GET"
            " /v1/deployments"
        )
        raise NotFoundError(message)
    return DeploymentView.model_validate(found[0])


def promote(workspace: Workspace, asked: PromotionAsked) -> DeploymentView:
    """Let a deployment go on that holds or is watched, or deploy a known version."""
    context = workspace.context(asked.model).shifted(asked.shift)
    number, reason = asked.version, asked.reason
    made = ask_promotion(
        context, number, reason, expects=asked.expects, waiting=briefly()
    )
    return _handed_over(context, made)


def roll_back(workspace: Workspace, asked: ReturnAsked) -> DeploymentView:
    """Serve what served before; a deployment that is under way is ended."""
    context = workspace.context(asked.model)
    made = ask_return(context, asked.reason, expects=asked.expects, waiting=briefly())
    return _handed_over(context, made)


def abort(workspace: Workspace, asked: ReturnAsked) -> DeploymentView:
    """End the deployment that is under way: what served before serves."""
    context = workspace.context(asked.model)
    return _handed_over(context, ask_abort(context, asked.reason))


def _handed_over(context: Context, deployment: Deployment) -> DeploymentView:
    row = hand_over(context.store, deployment, asked=True)
    return DeploymentView.model_validate(row)
