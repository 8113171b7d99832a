"""What an endpoint config asks for, frozen when a deployment begins."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from slipway.sagemaker_local.model_data import Form, model_data, serving_container
from slipway.sagemaker_local.store import Record

#: AWS's default, in seconds.
STARTUP_TIMEOUT = 480


@dataclass(frozen=True)
class VariantPlan:
    """One production variant."""

    name: str
    image: str
    environment: Mapping[str, str]
    #: Where the model data is; None for a model that needs none.
    model_data_url: str | None
    instance_type: str
    instance_count: int
    weight: float
    #: In seconds, until the first ping must have been answered.
    startup_timeout: int
    isolated: bool
    model_data_form: Form = "archive"


@dataclass(frozen=True)
class InstancePlan:
    """One container of a fleet."""

    variant: str
    handle: str

    @property
    def id(self) -> str:
        """The instance's name in log streams."""
        return f"i-{self.handle.rpartition('-')[2][:17]}"


@dataclass(frozen=True)
class FleetPlan:
    """All that serves one endpoint config."""

    config: str
    variants: tuple[VariantPlan, ...]
    instances: tuple[InstancePlan, ...] = ()
    #: Differs for each deployment, even of the same config.
    id: str = ""
    #: The config's DataCaptureConfig.
    capture: Mapping[str, Any] | None = None

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Self:
        """Read what `json` made."""
        return cls(
            config=content["config"],
            variants=tuple(VariantPlan(**each) for each in content["variants"]),
            instances=tuple(InstancePlan(**each) for each in content["instances"]),
            id=content["id"],
            capture=content.get("capture"),
        )

    def json(self) -> dict[str, Any]:
        """Return the plan as the store keeps it."""
        return asdict(self)

    def variant(self, name: str) -> VariantPlan:
        """Return a variant by its name."""
        return next(each for each in self.variants if each.name == name)

    def fresh(self) -> "FleetPlan":
        """Return the plan with instances that were never started."""
        instances = tuple(
            new_instance(variant.name)
            for variant in self.variants
            for _ in range(variant.instance_count)
        )
        return replace(self, instances=instances, id=uuid.uuid4().hex)

    def replacing(self, old: InstancePlan, new: InstancePlan) -> "FleetPlan":
        """Return the plan with one instance in the place of another."""
        swapped = tuple(new if each == old else each for each in self.instances)
        return replace(self, instances=swapped)


def new_instance(variant: str) -> InstancePlan:
    """Return an instance of a variant that was never started."""
    return InstancePlan(variant, f"serve-{uuid.uuid4().hex}")


def fleet_plan(config: Record, models: Mapping[str, Record]) -> FleetPlan:
    """Return the plan of an endpoint config, with its models as they are now."""
    variants = tuple(
        _variant(each, models[each["ModelName"]].description)
        for each in config.description["ProductionVariants"]
    )
    capture = config.description.get("DataCaptureConfig")
    return FleetPlan(config.name, variants, capture=capture).fresh()


def retaining(new: FleetPlan, old: FleetPlan, excluded: Sequence[str]) -> FleetPlan:
    """Return a plan with the counts and weights of the variants that serve now."""
    serving = {each.name: each for each in old.variants}
    variants = []
    for variant in new.variants:
        kept = serving.get(variant.name, variant)
        count, weight = kept.instance_count, kept.weight
        if "DesiredInstanceCount" in excluded:
            count = variant.instance_count
        if "DesiredWeight" in excluded:
            weight = variant.weight
        variants.append(replace(variant, instance_count=count, weight=weight))
    return replace(new, variants=tuple(variants)).fresh()


def _variant(variant: Mapping[str, Any], model: Mapping[str, Any]) -> VariantPlan:
    container = serving_container(model)
    url, form = model_data(container)
    return VariantPlan(
        name=variant["VariantName"],
        image=container["Image"],
        environment=container.get("Environment", {}),
        model_data_url=url,
        instance_type=variant["InstanceType"],
        instance_count=variant["InitialInstanceCount"],
        weight=variant["InitialVariantWeight"],
        startup_timeout=variant.get(
            "ContainerStartupHealthCheckTimeoutInSeconds", STARTUP_TIMEOUT
        ),
        isolated=bool(model.get("EnableNetworkIsolation")),
        model_data_form=form or "archive",
    )
