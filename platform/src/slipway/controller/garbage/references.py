"""What is needed, and by what: from live endpoints down to artifacts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slipway.controller.estate import Estate
from slipway.controller.intents import configs_of, deletes
from slipway.controller.orm import ModelVersion
from slipway.controller.states import CHARTS
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.states.pipeline import RETIRED
from slipway.controller.store.due import Due
from slipway.controller.store.remains import Made, Remains
from slipway.sagemaker.gateway import Observation

#: Of one kind of thing: each that is needed, and why.
Needed = dict[str, str]


@dataclass
class References:
    """Everything of a model that must not go, each with the first reason found."""

    configs: Needed = field(default_factory=dict)
    models: Needed = field(default_factory=dict)
    images: Needed = field(default_factory=dict)
    #: S3 addresses of archives.
    artifacts: Needed = field(default_factory=dict)
    #: By number.
    versions: dict[int, str] = field(default_factory=dict)
    #: By run id.
    runs: Needed = field(default_factory=dict)

    def reason(self, kind: str, name: str) -> str:
        """Return why a leftover is needed; empty: nothing needs it."""
        if kind == "version":
            return self.versions.get(int(name), "")
        needed = {
            "endpoint_config": self.configs,
            "sagemaker_model": self.models,
            "image": self.images,
            "run": self.runs,
        }
        return needed[kind].get(name, "")


def references(estate: Estate, model: str, *, keep: int) -> References:
    """Return what a model's endpoints, last versions and unfinished work need.

    The last `keep` versions that may serve are needed. Endpoints are described, and
    what they serve is followed by description: the ledger may be older than they are.
    """
    return _Marking(estate, model).marked(keep)


def live(estate: Estate, model: str) -> References:
    """Return what a model's endpoints need: as they are, as they are changed, to go back."""
    marking = _Marking(estate, model)
    marking.endpoints()
    marking.deployments()
    marking.follow()
    return marking.found


class _Marking:
    """One walk along a model's references."""

    def __init__(self, estate: Estate, model: str) -> None:
        self._estate, self._store = estate, estate.store
        self._remains = Remains(estate.store.database, estate.environment, model)
        self._endpoints = Due(estate.store.database, estate.environment).endpoints(
            model
        )
        self._versions = estate.store.records.versions(model, estate.environment)
        self._made = {(made.resource, made.name): made for made in self._remains.made()}
        self.found = References()

    def marked(self, keep: int) -> References:
        """Return all that is needed."""
        self.endpoints()
        self.deployments()
        self._last_versions(keep)
        self._unfinished_runs()
        self._unfinished_operations()
        self.follow()
        return self.found

    def endpoints(self) -> None:
        """Mark what endpoints serve, are changed to, and should serve."""
        configs = self.found.configs
        for endpoint in self._endpoints:
            seen = self._describe("endpoint", endpoint.name)
            for config in sorted(configs_of(seen)) if seen else ():
                _mark(configs, config, f"{endpoint.name} serves it")
            wanted = endpoint.desired_config_name
            _mark(configs, wanted, f"{endpoint.name} should serve it")

    def follow(self) -> None:
        """Mark what needed configs, models, artifacts and versions stand on."""
        for name, reason in [*self.found.configs.items()]:
            config = self._payload("endpoint_config", name)
            for variant in config.get("ProductionVariants", []):
                _mark(self.found.models, variant.get("ModelName", ""), reason)
        for name, reason in [*self.found.models.items()]:
            container = self._payload("sagemaker_model", name).get(
                "PrimaryContainer", {}
            )
            _mark(self.found.images, container.get("Image", ""), reason)
            _mark(self.found.artifacts, container.get("ModelDataUrl", ""), reason)
        for version in self._versions:
            if reason := self.found.artifacts.get(version.artifact_uri, ""):
                self.found.versions.setdefault(version.version, reason)
            if reason := self.found.versions.get(version.version, ""):
                self._run(
                    version.run_id, f"version {version.version} is of it: {reason}"
                )
            if version.state != RETIRED:
                # it may be deployed again, and nothing else builds its code
                what = f"version {version.version} runs it"
                _mark(self.found.images, version.image_uri, what)

    def deployments(self) -> None:
        """Mark what unfinished deployments change, and what can be gone back to."""
        configs = self.found.configs
        for deployment in self._remains.deployments():
            if deployment.state in CHARTS["deployment"].unfinished:
                what = f"a deployment to {deployment.endpoint_name}"
                reason = f"{what} is {deployment.state}"
                _mark(configs, deployment.endpoint_config_name, reason)
                _mark(configs, deployment.previous_config_name, reason)
        for endpoint in self._endpoints:
            for config in [*configs]:
                previous = self._store.records.way_back(endpoint.name, config)
                _mark(configs, previous, f"{endpoint.name} can go back to it")

    def _last_versions(self, keep: int) -> None:
        """Mark the champion and the last versions that may serve, with all they need."""
        usable = [version for version in self._versions if version.state != RETIRED]
        for place, version in enumerate(usable):
            if version.state == CHAMPION:
                self._version(version, "it is the champion")
            elif place < keep:
                self._version(version, f"it is one of the last {keep} versions")

    def _version(self, version: ModelVersion, reason: str) -> None:
        self.found.versions.setdefault(version.version, reason)
        why = f"version {version.version}: {reason}"
        _mark(self.found.artifacts, version.artifact_uri, why)
        _mark(self.found.images, version.image_uri, why)
        models = set()
        for (_resource, name), made in self._made.items():
            container = made.payload.get("PrimaryContainer", {})
            if container.get("ModelDataUrl") == version.artifact_uri:
                models.add(name)
                _mark(self.found.models, name, why)
        for (resource, name), made in self._made.items():
            if resource == "endpoint_config" and models & _models(made.payload):
                _mark(self.found.configs, name, why)

    def _unfinished_runs(self) -> None:
        for run in self._remains.unfinished_runs():
            reason = f"run {run.run_id} is {run.state}"
            self._run(run.run_id, reason)
            _mark(self.found.images, str(run.parameters.get("image_uri", "")), reason)

    def _unfinished_operations(self) -> None:
        """Mark what jobs and changes of endpoints that are under way were given."""
        found = self._store.records.unfinished_operations(
            self._remains.model, self._estate.environment
        )
        for operation in found:
            if deletes(operation):
                continue
            reason = f"{operation.name} is {operation.state}"
            config = operation.payload.get("EndpointConfigName", "")
            _mark(self.found.configs, config, reason)
            for name in {operation.payload.get("ModelName", "")} | _models(
                operation.payload
            ):
                _mark(self.found.models, name, reason)

    def _run(self, run_id: str, reason: str) -> None:
        """Mark a run, and those whose outputs it took, and whose those took."""
        if run_id in self.found.runs:
            return
        _mark(self.found.runs, run_id, reason)
        for source in self._remains.sources(run_id):
            self._run(source, f"run {run_id} took its outputs: {reason}")

    def _payload(self, resource: str, name: str) -> Mapping[str, Any]:
        """Return what a resource was made with, as SageMaker says it."""
        seen = self._describe(resource, name)
        if seen is not None:
            return seen.description
        made: Made | None = self._made.get((resource, name))
        return made.payload if made is not None else {}

    def _describe(self, resource: str, name: str) -> Observation | None:
        return self._estate.gateway.describe(resource, name)


def _mark(needed: Needed, name: str, reason: str) -> None:
    if name:
        needed.setdefault(name, reason)


def _models(payload: Mapping[str, Any]) -> set[str]:
    """Return the models that an endpoint config names."""
    variants: Sequence[Mapping[str, Any]] = payload.get("ProductionVariants", [])
    return {str(variant.get("ModelName", "")) for variant in variants}
