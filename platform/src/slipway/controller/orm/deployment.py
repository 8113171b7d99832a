"""Deployments, and the endpoints that they change."""

import datetime as dt
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from slipway.controller.orm.rows import Row, Stateful, at_most_one, known_state, listed
from slipway.controller.states import CHARTS


class Deployment(Stateful, Row):
    """A change that makes a version serve on an endpoint."""

    __tablename__ = "deployment"
    __table_args__ = (
        at_most_one(
            "uq_deployment_unfinished",
            "endpoint_name",
            where=f"state IN ({listed(sorted(CHARTS['deployment'].unfinished))})",
        ),
        known_state("deployment"),
    )

    environment: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(64), index=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("run.run_id"))
    endpoint_name: Mapped[str] = mapped_column(String(63))
    version: Mapped[int]
    endpoint_config_name: Mapped[str] = mapped_column(String(63), default="")
    #: What served before, to go back to; empty: nothing did.
    previous_config_name: Mapped[str] = mapped_column(String(63), default="")
    #: Who wanted it: `deploy` (a run), `promote` or `rollback` (a person).
    kind: Mapped[str] = mapped_column(String(16), default="deploy")
    #: How the traffic shifts, and the alarms: frozen when it began.
    policy: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: How often the endpoint's update was asked for: again after a hold.
    attempt: Mapped[int] = mapped_column(default=1)
    #: What a person said of it: `promote` or `rollback`; empty: nothing.
    decision: Mapped[str] = mapped_column(String(16), default="")
    #: Who said so, and why.
    decision_reason: Mapped[str] = mapped_column(String(1024), default="")
    #: The share of the traffic, since when, and what each alarm said last.
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Whether a worker carries it out; else a command does.
    asked: Mapped[bool] = mapped_column(default=False)
    #: The digest that the version's image had when it was verified.
    image_digest: Mapped[str] = mapped_column(String(80), default="")

    def __str__(self) -> str:
        return f"Deployment {self.id} of {self.model}"


class Endpoint(Stateful, Row):
    """An endpoint as it should be, and as it was last seen."""

    __tablename__ = "endpoint"
    __table_args__ = (known_state("endpoint"),)

    name: Mapped[str] = mapped_column(String(63), unique=True)
    environment: Mapped[str] = mapped_column(String(32))
    model: Mapped[str] = mapped_column(String(64))
    #: What it should serve; empty: it should not be there.
    desired_config_name: Mapped[str] = mapped_column(String(63), default="")
    desired_version: Mapped[int] = mapped_column(default=0)
    #: What SageMaker said last, and when it was asked.
    observed_status: Mapped[str] = mapped_column(String(32), default="")
    observed_config_name: Mapped[str] = mapped_column(String(63), default="")
    observed_at: Mapped[dt.datetime | None] = mapped_column(default=None)
    #: By which it is known again: a name is used again, and an ARN with it.
    arn: Mapped[str] = mapped_column(String(2048), default="")
    #: When SageMaker made it; None: nobody looked yet.
    made_at: Mapped[dt.datetime | None] = mapped_column(default=None)
    #: The weight and the instances of each variant, as a deployment left them.
    capacity: Mapped[dict[str, Any]] = mapped_column(default=dict)

    def __str__(self) -> str:
        return f"Endpoint {self.name}"
