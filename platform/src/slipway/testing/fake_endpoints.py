"""SageMaker's endpoints in memory, on a clock of their own."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from slipway.sagemaker.errors import Fault, SageMakerError
from slipway.sagemaker.gateway import Accepted, Answer, Observation
from slipway.sagemaker.resources import RESOURCES, Resource
from slipway.sagemaker.status import ENDPOINT, Meaning
from slipway.testing.fake_alarms import FakeAlarms
from slipway.testing.fake_scaling import FakeScaling

#: Seconds of the clock that one look at an endpoint takes.
LOOK = 5.0
_ARN = "arn:aws:sagemaker:eu-west-1:000000000000:"
_BUSY = frozenset({"Creating", "Updating", "RollingBack", "SystemUpdating", "Deleting"})


class Clock:
    """A clock that moves when somebody looks or sleeps."""

    def __init__(self) -> None:
        self.at = dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC)

    def now(self) -> dt.datetime:
        """Return the moment."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.at += dt.timedelta(seconds=seconds)


@dataclass
class Shift:
    """An update under way."""

    config: str
    policy: Mapping[str, Any]
    #: What is waited in each stage, and the member of the policy that says so.
    stages: list[tuple[int, str]]
    began_at: dt.datetime
    #: The status and the reason that it ends in, where it does not end well.
    fate: tuple[str, str] | None = None

    @property
    def alarms(self) -> list[str]:
        """The alarms that take it back."""
        rollback = self.policy.get("AutoRollbackConfiguration", {})
        return [each["AlarmName"] for each in rollback.get("Alarms", [])]


@dataclass
class FakeEndpoint:
    """One endpoint."""

    config: str
    status: str = "InService"
    reason: str = ""
    tags: list[dict[str, str]] = field(default_factory=list)
    shift: Shift | None = None
    #: How many instances serve; None: as many as the config asks for.
    count: int | None = None
    #: When it was made.
    made_at: dt.datetime | None = None


class FakeSageMaker:
    """The gateway's methods that deployments use."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.alarms, self.scaling = FakeAlarms(), FakeScaling()
        #: By kind and name, what was created.
        self.made: dict[tuple[str, str], dict[str, Any]] = {}
        self.endpoints: dict[str, FakeEndpoint] = {}
        #: Each mutating call: the operation and its payload.
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        #: How the next creates and updates end: a status and a reason; none: well.
        self.fates: list[tuple[str, str]] = []
        #: Updates that met another one.
        self.refused: list[str] = []
        #: What the next mutating calls answer instead of being carried out.
        self.refusals: list[SageMakerError] = []
        #: Versions whose containers answer as another one would.
        self.liars: set[str] = set()
        #: What SageMaker resolves an image to; others have a digest of their name.
        self.resolves: dict[str, str] = {}

    def check(self, operation: str, payload: Mapping[str, Any]) -> None:
        """Accept every payload."""

    def log_lines(self, group: str, prefix: str = "") -> list[str]:
        """Return no output."""
        del group, prefix
        return []

    def mutate(
        self, operation: str, payload: Mapping[str, Any], resource: Resource
    ) -> Accepted:
        """Carry one call out, or refuse it."""
        self.calls.append((operation, payload))
        if self.refusals:
            raise self.refusals.pop(0)
        name = payload[resource.name_member]
        self._carry_out(operation, name, payload)
        return Accepted(f"request-{len(self.calls)}", f"{_ARN}{name}")

    def describe(self, kind: str, name: str) -> Observation | None:
        """Return what there is of a resource; a look at an endpoint takes time."""
        if kind == "endpoint":
            return self._endpoint(name)
        resource = RESOURCES[kind]
        found = self.made.get((resource.create.removeprefix("Create"), name))
        if found is None:
            return None
        return Observation("", Meaning.SUCCEEDED, "", f"{_ARN}{kind}/{name}", found)

    def tags(self, arn: str) -> dict[str, str]:
        """Return what a resource was created with."""
        name = arn.removeprefix(_ARN).rpartition("/")[2]
        if name in self.endpoints and "/" not in arn.removeprefix(_ARN):
            tags = self.endpoints[name].tags
        else:
            kind = arn.removeprefix(_ARN).partition("/")[0]
            create = RESOURCES[kind].create.removeprefix("Create")
            tags = self.made[create, name]["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}

    def invoke(self, endpoint: str, body: bytes, **_options: Any) -> Answer:
        """Answer as the version that serves does."""
        del body
        environment = self.serving(endpoint)["PrimaryContainer"]["Environment"]
        version = environment["SLIPWAY_MODEL_VERSION"]
        digest = environment["SLIPWAY_ARTIFACT_DIGEST"]
        said = "0" if version in self.liars else version
        model = {"version": said, "artifact_digest": digest}
        answer = {"predictions": [{"score": 0.5}], "model": model}
        return Answer(orjson.dumps(answer), "application/json", "primary", "")

    def serving(self, endpoint: str) -> dict[str, Any]:
        """Return the SageMaker model that an endpoint serves."""
        config = self.made["EndpointConfig", self.endpoints[endpoint].config]
        return self.made["Model", config["ProductionVariants"][0]["ModelName"]]

    def _carry_out(self, operation: str, name: str, payload: Mapping[str, Any]) -> None:
        """Do what a call asks for; a delete asks nobody whether it is needed."""
        if operation == "UpdateEndpoint":
            self._update(name, payload)
        elif operation == "CreateEndpoint":
            self._create(name, payload)
        elif operation == "DeleteEndpoint":
            del self.endpoints[name]
        elif operation.startswith("Delete"):
            del self.made[operation.removeprefix("Delete"), name]
        else:
            place = (operation.removeprefix("Create"), name)
            if place in self.made:
                raise SageMakerError(f"{name} exists", fault=Fault.EXISTS)  # noqa: EM102
            self.made[place] = dict(payload)

    def _create(self, name: str, payload: Mapping[str, Any]) -> None:
        if name in self.endpoints:
            raise SageMakerError(f"{name} exists", fault=Fault.EXISTS)  # noqa: EM102
        self._check_config(payload)
        fate = self.fates.pop(0) if self.fates else ("InService", "")
        config, tags = payload["EndpointConfigName"], list(payload["Tags"])
        made_at = self.clock.now()
        self.endpoints[name] = FakeEndpoint(config, *fate, tags=tags, made_at=made_at)

    def _check_config(self, payload: Mapping[str, Any]) -> None:
        config = payload["EndpointConfigName"]
        if ("EndpointConfig", config) not in self.made:
            message = f'Could not find endpoint configuration "{config}".'
            raise SageMakerError(message, fault=Fault.MISSING)

    def _update(self, name: str, payload: Mapping[str, Any]) -> None:
        self._check_config(payload)
        found = self.endpoints[name]
        if found.status in _BUSY:
            self.refused.append(payload["EndpointConfigName"])
            message = f'Cannot update in-progress endpoint "{name}".'
            raise SageMakerError(message, fault=Fault.BUSY)
        policy = payload["DeploymentConfig"]
        shift = policy["BlueGreenUpdatePolicy"]
        routing = shift["TrafficRoutingConfiguration"]
        wait, steps = routing["WaitIntervalInSeconds"], _steps(routing)
        stages = [(wait, "WaitIntervalInSeconds")] * steps
        stages.append((shift["TerminationWaitInSeconds"], "TerminationWaitInSeconds"))
        fate = self.fates.pop(0) if self.fates else None
        config = payload["EndpointConfigName"]
        found.shift = Shift(config, policy, stages, self.clock.now(), fate)
        found.status, found.reason = "Updating", ""
        declared = payload.get("ExcludeRetainedVariantProperties", [])
        if {"VariantPropertyType": "DesiredInstanceCount"} in declared:
            found.count = None

    def _endpoint(self, name: str) -> Observation | None:
        found = self.endpoints.get(name)
        if found is None:
            return None
        self.clock.sleep(LOOK)
        if found.shift is not None:
            self._go_on(found, found.shift)
        description = self._description(name, found)
        meaning = ENDPOINT[found.status]
        arn = f"{_ARN}{name}"
        return Observation(found.status, meaning, found.reason, arn, description)

    def _go_on(self, found: FakeEndpoint, shift: Shift) -> None:
        if found.status == "RollingBack":
            found.status, found.shift = "InService", None
            return
        firing = self.alarms.firing(shift.alarms)
        if firing:
            found.status, found.reason = "RollingBack", f"in ALARM: {', '.join(firing)}"
            return
        passed = (self.clock.now() - shift.began_at).total_seconds()
        if shift.stages and passed > shift.stages[0][0]:
            shift.stages.pop(0)
            shift.began_at = self.clock.now()
        if not shift.stages:
            found.shift = None
            found.status, found.reason = shift.fate or ("InService", "")
            if shift.fate is None:
                found.config = shift.config

    def _description(self, name: str, found: FakeEndpoint) -> dict[str, Any]:
        description: dict[str, Any] = {
            "EndpointName": name,
            "EndpointConfigName": found.config,
            "ProductionVariants": self._variants(found),
            "CreationTime": found.made_at,
        }
        shift = found.shift
        if shift is not None and shift.stages and found.status == "Updating":
            seconds, wait = shift.stages[0]
            message = f"Baking for {seconds} seconds ({wait}) with traffic enabled"
            status = {
                "Status": "Baking",
                "StatusMessage": message,
                "StartTime": shift.began_at,
            }
            description["PendingDeploymentSummary"] = {
                "EndpointConfigName": shift.config,
                "ProductionVariants": [
                    {"VariantName": "primary", "VariantStatus": [status]}
                ],
            }
        return description

    def _variants(self, found: FakeEndpoint) -> list[dict[str, Any]]:
        variants = []
        config = self.made["EndpointConfig", found.config]
        for each in config["ProductionVariants"]:
            image = self.made["Model", each["ModelName"]]["PrimaryContainer"]["Image"]
            count = found.count or each["InitialInstanceCount"]
            digest = self.resolves.get(image, digest_of_image(image))
            resolved = f"{image}@{digest}" if digest else image
            images = [{"SpecifiedImage": image, "ResolvedImage": resolved}]
            variants.append(
                {
                    "VariantName": each["VariantName"],
                    "DeployedImages": images,
                    "DesiredInstanceCount": count,
                }
            )
        return variants


def digest_of_image(uri: str) -> str:
    """Return the digest of an image that nobody wrote over."""
    return f"sha256:{uri}"


def _steps(routing: Mapping[str, Any]) -> int:
    """Return after how many shares all of the traffic is shifted."""
    if routing["Type"] == "LINEAR":
        return -(-100 // int(routing["LinearStepSize"]["Value"])) - 1
    return 1 if routing["Type"] == "CANARY" else 0
