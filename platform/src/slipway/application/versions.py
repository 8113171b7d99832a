"""Model versions: listed, looked at, approved, rejected; which one served when."""

from slipway.application.listing import listed
from slipway.application.pages import VersionPageAsked
from slipway.application.reports import ServedView
from slipway.application.requests import MomentAsked, VersionJudged, VersionNamed
from slipway.application.views import Page, VersionView
from slipway.application.workspace import Workspace
from slipway.controller.champions import served_at
from slipway.controller.orm import ModelVersion
from slipway.controller.store.deployments import reject
from slipway.controller.versions import numbered
from slipway.errors import IllegalTransitionError


def list_versions(workspace: Workspace, asked: VersionPageAsked) -> Page[VersionView]:
    """Return versions, the newest first."""
    return listed(workspace, asked, ModelVersion, VersionView.model_validate)


def show_version(workspace: Workspace, asked: VersionNamed) -> VersionView:
    """Return a version with its lineage."""
    return VersionView.model_validate(known_version(workspace, asked))


def approve_version(workspace: Workspace, asked: VersionJudged) -> VersionView:
    """Let a registered version serve; one that was approved before stays so."""
    version = known_version(workspace, asked)
    if not version.artifact_uri:
        message = (
            f"{asked.model} version {asked.version} cannot be approved: its artifact is"
            " not in its place yet. Take its run's register step again"
        )
        raise IllegalTransitionError(message)
    if version.state != "approved":
        version = workspace.store.advance(version, "approve", asked.reason)
    return VersionView.model_validate(version)


def reject_version(workspace: Workspace, asked: VersionJudged) -> VersionView:
    """Refuse a version: it may not serve. One that is rolled out now cannot be refused."""
    version = known_version(workspace, asked)
    if version.state != "rejected":
        version = reject(workspace.store, version, asked.reason)
    return VersionView.model_validate(version)


def known_version(workspace: Workspace, asked: VersionNamed) -> ModelVersion:
    """Return a version of the workspace's environment, or raise NotFoundError."""
    environment = workspace.settings.environment.name
    records = workspace.store.records
    return numbered(records, asked.model, environment, asked.version)


def tell_serving_at(workspace: Workspace, asked: MomentAsked) -> ServedView:
    """Return which version of a model served at a moment, by the history of states."""
    served = served_at(workspace.declared(asked.model), asked.at)
    version, reign = served.version, served.reign
    return ServedView(
        model=asked.model,
        at=served.at,
        version=version.version if version else None,
        first_served_at=served.first_at,
        since=reign.since if reign else None,
        until=reign.until if reign else None,
        actor=reign.actor if reign else None,
        reason=reign.reason if reign else None,
        artifact_digest=version.artifact_digest if version else None,
    )
