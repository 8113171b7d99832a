"""What a model ever made, for those who ask what of it is still needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from slipway.controller.orm import Deployment, Operation, Run, Step
from slipway.controller.states import CHARTS
from slipway.controller.store.database import Database

#: What an endpoint is made of, as the ledger names it.
_SERVING = ("endpoint_config", "sagemaker_model")


@dataclass(frozen=True)
class Made:
    """A SageMaker model or an endpoint config that the ledger made."""

    key: str
    generation: int
    run_id: str
    #: `endpoint_config` or `sagemaker_model`.
    resource: str
    name: str
    digest: str
    owner: Mapping[str, str]
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Remains:
    """Questions about one model in one environment."""

    database: Database
    environment: str
    model: str

    def made(self) -> Sequence[Made]:
        """Return the models and configs that were made, the newest first."""
        found = (
            select(
                Operation.key,
                Operation.generation,
                Operation.run_id,
                Operation.resource,
                Operation.name,
                Operation.digest,
                Operation.owner,
                Operation.payload,
            )
            .join(Run, Run.run_id == Operation.run_id)
            .where(
                Run.environment == self.environment,
                Run.model == self.model,
                Operation.resource.in_(_SERVING),
                Operation.call.in_(("CreateEndpointConfig", "CreateModel")),
                Operation.state == "succeeded",
            )
            .order_by(Operation.id.desc())
        )
        with self.database.reading() as session:
            return [Made(**row) for row in session.execute(found).mappings()]

    def deployments(self) -> Sequence[Deployment]:
        """Return the model's deployments, the newest first."""
        found = select(Deployment).where(
            Deployment.environment == self.environment, Deployment.model == self.model
        )
        with self.database.reading() as session:
            return session.scalars(found.order_by(Deployment.id.desc())).all()

    def runs(self, *states: str) -> Sequence[Run]:
        """Return the model's runs in any of `states`, the last changed first."""
        found = select(Run).where(
            Run.environment == self.environment,
            Run.model == self.model,
            Run.state.in_(states),
        )
        with self.database.reading() as session:
            return session.scalars(found.order_by(Run.changed_at.desc())).all()

    def unfinished_runs(self) -> Sequence[Run]:
        """Return the model's runs that still go on, or may."""
        return self.runs(*sorted(CHARTS["run"].unfinished))

    def sources(self, run_id: str) -> set[str]:
        """Return the runs whose outputs a run took."""
        found = select(Step.reused_from).where(
            Step.run_id == run_id, Step.reused_from != ""
        )
        with self.database.reading() as session:
            return set(session.scalars(found))


def known_models(database: Database, environment: str) -> Iterator[str]:
    """Yield every model that ever ran in an environment, by name."""
    found = select(Run.model).where(Run.environment == environment).distinct()
    with database.reading() as session:
        yield from session.scalars(found.order_by(Run.model)).all()
