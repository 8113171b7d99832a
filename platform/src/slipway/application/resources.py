"""Deployments, endpoints and operations: listed, and looked at."""

from slipway.application.listing import listed
from slipway.application.requests import (
    EndpointNamed,
    ModelPageAsked,
    OperationPageAsked,
)
from slipway.application.views import DeploymentView, EndpointView, OperationView, Page
from slipway.application.workspace import Workspace
from slipway.controller.orm import Deployment, Endpoint, Operation
from slipway.errors import NotFoundError


def list_deployments(
    workspace: Workspace, asked: ModelPageAsked
) -> Page[DeploymentView]:
    """Return deployments, the newest first."""
    return listed(workspace, asked, Deployment, DeploymentView.model_validate)


def list_endpoints(workspace: Workspace, asked: ModelPageAsked) -> Page[EndpointView]:
    """Return the endpoints that were deployed to."""
    return listed(workspace, asked, Endpoint, EndpointView.model_validate)


def show_endpoint(workspace: Workspace, asked: EndpointNamed) -> EndpointView:
    """Return an endpoint as it should be, and as it was last seen."""
    found = workspace.store.records.endpoint(asked.name)
    if found is None:
        message = f"There is no endpoint {asked.name!r}. See them: GET /v1/endpoints"
        raise NotFoundError(message)
    return EndpointView.model_validate(found)


def list_operations(
    workspace: Workspace, asked: OperationPageAsked
) -> Page[OperationView]:
    """Return operations, the newest first."""
    return listed(workspace, asked, Operation, OperationView.model_validate)
