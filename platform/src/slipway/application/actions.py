"""Everything that the controller can be asked: one table for the API and its document."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slipway.application import (
    configuration,
    models,
    requests,
    resources,
    runs,
    steps,
    tokens,
    upkeep,
    views,
)
from slipway.application.tokens import Role
from slipway.application.versions import (
    approve_version,
    list_versions,
    reject_version,
    show_version,
)
from slipway.application.views import Page, View
from slipway.application.workspace import Workspace

#: What an action does: its answer, and for what may open something whether it did.
Function = Callable[[Workspace, Any], View | tuple[View, bool]]


@dataclass(frozen=True)
class Action:
    """One thing to ask for."""

    #: A noun and a verb: what a client generated from the document calls it.
    name: str
    #: The weakest role that may ask.
    role: Role
    method: str
    #: Below `/v1`, with the request's fields that it names.
    path: str
    asks: type[requests.Asked]
    answers: type[View]
    function: Function
    #: The status of its answer.
    status: int = 200

    @property
    def in_path(self) -> tuple[str, ...]:
        """The request's fields that are in the path."""
        parts = self.path.split("/")
        return tuple(part[1:-1] for part in parts if part.startswith("{"))


_RUN = "/runs/{run_id}"
_STEP = "/runs/{run_id}/steps/{step}"
_VERSION = "/versions/{model}/{version}"

ACTIONS = (
    Action(
        name="run.open",
        role="operator",
        method="POST",
        path="/runs",
        asks=requests.RunAsked,
        answers=views.RunView,
        function=runs.open_asked_run,
        status=201,
    ),
    Action(
        "run.list",
        "viewer",
        "GET",
        "/runs",
        requests.RunPageAsked,
        Page[views.RunView],
        runs.list_runs,
    ),
    Action(
        "run.show",
        "viewer",
        "GET",
        _RUN,
        requests.RunNamed,
        views.RunView,
        runs.show_run,
    ),
    Action(
        "run.end",
        "operator",
        "POST",
        f"{_RUN}/end",
        requests.RunEnded,
        views.RunView,
        runs.end_asked_run,
    ),
    Action(
        name="step.ask",
        role="operator",
        method="POST",
        path=_STEP,
        asks=requests.StepAsked,
        answers=views.StepView,
        function=steps.ask_step,
        status=202,
    ),
    Action(
        "step.show",
        "viewer",
        "GET",
        _STEP,
        requests.StepNamed,
        views.StepView,
        steps.show_step,
    ),
    Action(
        name="step.stop",
        role="operator",
        method="POST",
        path=f"{_STEP}/stop",
        asks=requests.StepNamed,
        answers=views.StepView,
        function=steps.stop_step,
        status=202,
    ),
    Action(
        "step.logs",
        "viewer",
        "GET",
        f"{_STEP}/logs",
        requests.LogsAsked,
        views.LogView,
        steps.read_logs,
    ),
    Action(
        "version.list",
        "viewer",
        "GET",
        "/versions",
        requests.VersionPageAsked,
        Page[views.VersionView],
        list_versions,
    ),
    Action(
        "version.show",
        "viewer",
        "GET",
        _VERSION,
        requests.VersionNamed,
        views.VersionView,
        show_version,
    ),
    Action(
        "version.approve",
        "operator",
        "POST",
        f"{_VERSION}/approve",
        requests.VersionJudged,
        views.VersionView,
        approve_version,
    ),
    Action(
        "version.reject",
        "operator",
        "POST",
        f"{_VERSION}/reject",
        requests.VersionJudged,
        views.VersionView,
        reject_version,
    ),
    Action(
        "model.list",
        "viewer",
        "GET",
        "/models",
        requests.Nothing,
        Page[views.ModelView],
        models.list_models,
    ),
    Action(
        "model.show",
        "viewer",
        "GET",
        "/models/{model}",
        requests.ModelNamed,
        views.ModelView,
        models.show_model,
    ),
    Action(
        "deployment.list",
        "viewer",
        "GET",
        "/deployments",
        requests.ModelPageAsked,
        Page[views.DeploymentView],
        resources.list_deployments,
    ),
    Action(
        "endpoint.list",
        "viewer",
        "GET",
        "/endpoints",
        requests.ModelPageAsked,
        Page[views.EndpointView],
        resources.list_endpoints,
    ),
    Action(
        "endpoint.show",
        "viewer",
        "GET",
        "/endpoints/{name}",
        requests.EndpointNamed,
        views.EndpointView,
        resources.show_endpoint,
    ),
    Action(
        "operation.list",
        "viewer",
        "GET",
        "/operations",
        requests.OperationPageAsked,
        Page[views.OperationView],
        resources.list_operations,
    ),
    Action(
        "model.status",
        "viewer",
        "GET",
        "/models/{model}/status",
        requests.ModelNamed,
        views.StatusView,
        upkeep.show_status,
    ),
    Action(
        "model.explain",
        "viewer",
        "GET",
        "/models/{model}/explain",
        requests.ExplainAsked,
        Page[views.PayloadView],
        configuration.explain,
    ),
    Action(
        "override.list",
        "viewer",
        "GET",
        "/models/{model}/overrides",
        requests.OverridesAsked,
        Page[views.OverrideView],
        configuration.list_overrides,
    ),
    Action(
        "override.set",
        "operator",
        "POST",
        "/models/{model}/overrides/{key}",
        requests.OverrideAsked,
        views.OverrideView,
        configuration.set_override,
    ),
    Action(
        "override.unset",
        "operator",
        "POST",
        "/models/{model}/overrides/{key}/unset",
        requests.OverrideNamed,
        views.OverrideView,
        configuration.unset_override,
    ),
    Action(
        "run.retire",
        "admin",
        "POST",
        f"{_RUN}/retire",
        requests.RunJudged,
        views.RunView,
        upkeep.retire_asked_run,
    ),
    Action(
        "version.retire",
        "admin",
        "POST",
        f"{_VERSION}/retire",
        requests.VersionJudged,
        views.VersionView,
        upkeep.retire_asked_version,
    ),
    Action(
        "environment.reconcile",
        "operator",
        "POST",
        "/reconcile",
        requests.Nothing,
        views.ReconcileView,
        upkeep.reconcile_once,
    ),
    Action(
        "environment.collect",
        "admin",
        "POST",
        "/gc",
        requests.CollectionAsked,
        views.CollectionView,
        upkeep.collect,
    ),
    Action(
        name="token.create",
        role="admin",
        method="POST",
        path="/tokens",
        asks=requests.TokenAsked,
        answers=views.TokenView,
        function=tokens.create_token,
        status=201,
    ),
    Action(
        "token.list",
        "admin",
        "GET",
        "/tokens",
        requests.Nothing,
        Page[views.TokenView],
        tokens.list_tokens,
    ),
    Action(
        "token.revoke",
        "admin",
        "POST",
        "/tokens/{name}/revoke",
        requests.TokenNamed,
        views.TokenView,
        tokens.revoke_token,
    ),
)
