"""What an endpoint config asks for, frozen when a deployment begins."""

import uuid
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

from slipway.sagemaker_local.model_data import Form, model_data, serving_container
from slipway.sagemaker_local.store import Record

#: In seconds: AWS's default, and its limit where an endpoint config has none.
STARTUP_TIMEOUT, DOWNLOAD_TIMEOUT = 480, 3600


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
    #: In seconds, until the model data must be laid out.
    download_timeout: int = DOWNLOAD_TIMEOUT
    #: The model's ContainerHostname.
    hostname: str | None = None
    #: What the image was when the deployment began; empty: it was not there.
    image_digest: str = ""


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
    #: The DataCaptureConfig that holds for it; None captures nothing.
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

    @property
    def desired(self) -> dict[str, int]:
        """How many instances each variant is to have."""
        return {each.name: each.instance_count for each in self.variants}

    @property
    def held(self) -> dict[str, int]:
        """How many instances each variant has, ready or not."""
        have = Counter(each.variant for each in self.instances)
        return {each.name: have[each.name] for each in self.variants}

    def with_more(self, added: Sequence[InstancePlan]) -> "FleetPlan":
        """Return the plan with instances added."""
        return replace(self, instances=(*self.instances, *added))

    def without(self, removed: Collection[InstancePlan]) -> "FleetPlan":
        """Return the plan without some of its instances."""
        kept = tuple(each for each in self.instances if each not in removed)
        return replace(self, instances=kept)

    def replacing(self, old: InstancePlan, new: InstancePlan) -> "FleetPlan":
        """Return the plan with one instance in the place of another."""
        swapped = tuple(new if each == old else each for each in self.instances)
        return replace(self, instances=swapped)

    def scaled(
        self, counts: Mapping[str, int], weights: Mapping[str, float]
    ) -> "FleetPlan":
        """Return the plan with other counts and weights of some variants."""
        variants = tuple(
            replace(
                each,
                instance_count=counts.get(each.name, each.instance_count),
                weight=weights.get(each.name, each.weight),
            )
            for each in self.variants
        )
        return replace(self, variants=variants)


def new_instance(variant: str) -> InstancePlan:
    """Return an instance of a variant that was never started."""
    return InstancePlan(variant, f"serve-{uuid.uuid4().hex}")


def fleet_plan(
    config: Record,
    models: Mapping[str, Record],
    digest_of: Callable[[str], str | None],
) -> FleetPlan:
    """Return the plan of an endpoint config, with its models and images as they are now."""
    made = (
        _variant(each, models[each["ModelName"]].description)
        for each in config.description["ProductionVariants"]
    )
    variants = tuple(
        replace(each, image_digest=digest_of(each.image) or "") for each in made
    )
    capture = config.description.get("DataCaptureConfig")
    return FleetPlan(config.name, variants, id=uuid.uuid4().hex, capture=capture)


def retaining(new: FleetPlan, old: FleetPlan, excluded: Sequence[str]) -> FleetPlan:
    """Return a plan with the variant properties of what serves now, but for some."""
    counts, weights = old.desired, {each.name: each.weight for each in old.variants}
    kept = new.scaled(
        {} if "DesiredInstanceCount" in excluded else counts,
        {} if "DesiredWeight" in excluded else weights,
    )
    if "DataCaptureConfig" in excluded:
        return kept
    return replace(kept, capture=old.capture)


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
        download_timeout=variant.get(
            "ModelDataDownloadTimeoutInSeconds", DOWNLOAD_TIMEOUT
        ),
        hostname=container.get("ContainerHostname"),
    )
