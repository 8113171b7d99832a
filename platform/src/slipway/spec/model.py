"""The whole of `model.yaml`."""

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from slipway.names import check_model_name
from slipway.spec.column import Column
from slipway.spec.dag import Dag
from slipway.spec.deployment import DeploymentPolicy
from slipway.spec.parameter import Parameter
from slipway.spec.schedule import Cron
from slipway.spec.strict import Strict

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]
InstanceType = Annotated[str, Field(pattern=r"^ml\.[a-z0-9-]+\.[a-z0-9]+$")]
MetricName = Literal[
    "roc_auc",
    "average_precision",
    "accuracy",
    "precision",
    "recall",
    "f1",
    "log_loss",
    "brier",
    "rmse",
    "mae",
    "r2",
]
Hyperparameter = bool | int | float | str
Approver = Literal["gates", "person"]


class Sql(Strict):
    """The SQL script's side of the model."""

    parameters: dict[Identifier, Parameter] = Field(
        default_factory=dict,
        description="Values that extract.sql names as :parameter; nothing else varies",
    )


class Instances(Strict):
    """The SageMaker instance type of each step."""

    extract: InstanceType = Field(
        "ml.m5.large", description="Where the SQL runs", examples=["ml.m5.large"]
    )
    preprocess: InstanceType = Field(
        "ml.m5.large", description="Where preprocess.py runs", examples=["ml.m5.large"]
    )
    train: InstanceType = Field(
        "ml.m5.xlarge", description="Where model.py trains", examples=["ml.m5.xlarge"]
    )
    serve: InstanceType = Field(
        "ml.m5.large", description="What the endpoint runs on", examples=["ml.m5.large"]
    )
    transform: InstanceType = Field(
        "ml.m5.large", description="Where batches are scored", examples=["ml.m5.large"]
    )


class Split(Strict):
    """How the rows are divided, by the hash of their key."""

    train: float = Field(
        0.7, gt=0, lt=1, description="Share that the model learns from"
    )
    validation: float = Field(
        0.15, ge=0, lt=1, description="Share that training watches"
    )
    test: float = Field(0.15, gt=0, lt=1, description="Share that the gates measure")

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if abs(self.train + self.validation + self.test - 1) > 1e-9:
            message = "train, validation and test must add up to 1"
            raise ValueError(message)
        return self


class Gate(Strict):
    """What a metric on the test rows must reach before a version may serve."""

    min: float | None = Field(None, description="The least that passes", examples=[0.9])
    max: float | None = Field(None, description="The most that passes", examples=[0.5])

    @model_validator(mode="after")
    def _has_a_bound(self) -> Self:
        if self.min is None and self.max is None:
            message = "a gate needs a bound"
            raise ValueError(message)
        return self


class Endpoint(Strict):
    """How the model serves."""

    instance_count: int = Field(
        1, ge=1, le=100, description="Instances behind the endpoint", examples=[2]
    )
    deployment: DeploymentPolicy = Field(
        default_factory=DeploymentPolicy,
        description="How a new version takes over the traffic",
    )


class ModelSpec(Strict):
    """A model's declaration: everything about it that is not SQL or Python."""

    name: str = Field(description="The folder's name", examples=["churn_risk"])
    owner: str = Field(
        min_length=1,
        description="Who is asked when a run fails: a team or an address",
        examples=["risk-team@example.com"],
    )
    description: str = Field(
        min_length=1,
        description="One sentence: what is predicted, for whom",
        examples=["Which customers leave within 30 days"],
    )
    schedule: Cron | None = Field(
        None,
        description="When it is trained again, as cron in UTC; null: only by hand",
        examples=['"0 6 * * 1"'],
    )
    mode: Literal["endpoint", "batch"] = Field(
        "endpoint", description="Answers requests (endpoint) or scores files (batch)"
    )
    key: str = Field(
        description="The column that names a row; rows are split by it",
        examples=["customer_id"],
    )
    target: str = Field(
        description="The column that is predicted", examples=["churned"]
    )
    sql: Sql = Field(default_factory=Sql, description="The SQL script's parameters")
    columns: dict[Identifier, Column] = Field(
        min_length=2,
        description="Each column that extract.sql returns, and what is expected of it",
    )
    split: Split = Field(default_factory=Split, description="How rows are divided")
    hyperparameters: dict[Identifier, Hyperparameter] = Field(
        default_factory=dict, description="What Model.train is given", max_length=100
    )
    gates: dict[MetricName, Gate] = Field(
        default_factory=dict, description="What a new version must reach to serve"
    )
    approval: Approver = Field(
        "gates",
        description="Who lets a registered version serve: its gates alone, or a person"
        " after them",
        examples=["person"],
    )
    instances: Instances = Field(
        default_factory=Instances, description="The instance type of each step"
    )
    endpoint: Endpoint = Field(
        default_factory=Endpoint, description="How the model serves"
    )
    dag: Dag = Field(default_factory=Dag, description="How Airflow runs its pipelines")

    def deployed_by(self, policy: DeploymentPolicy) -> "ModelSpec":
        """Return the spec with another way to shift the traffic."""
        endpoint = self.endpoint.model_copy(update={"deployment": policy})
        return self.model_copy(update={"endpoint": endpoint})

    @field_validator("name")
    @classmethod
    def _can_be_a_package(cls, value: str) -> str:
        return check_model_name(value)

    @model_validator(mode="after")
    def _key_and_target_are_columns(self) -> Self:
        for role, column in (("key", self.key), ("target", self.target)):
            if column not in self.columns:
                message = f"{role} names the column {column!r}, which is not in columns"
                raise ValueError(message)
        if self.key == self.target:
            message = f"key and target are both {self.key!r}"
            raise ValueError(message)
        return self
