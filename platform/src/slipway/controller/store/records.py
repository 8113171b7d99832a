"""The rows, read."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Select, and_, bindparam, or_, select

from slipway.controller.orm import (
    Deployment,
    Endpoint,
    ModelVersion,
    Operation,
    OperationCall,
    Row,
    Run,
    Step,
    Transition,
)
from slipway.controller.states import CHARTS
from slipway.controller.store.database import Database
from slipway.controller.store.statements import prepared, run

AnyRow = TypeVar("AnyRow", bound=Row)


class Records:
    """Questions to the controller's tables."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def run(self, run_id: str) -> Run | None:
        """Return the run called `run_id`."""
        return self._one(select(Run).where(Run.run_id == run_id))

    def run_of_key(self, environment: str, key: str) -> Run | None:
        """Return the run that was opened with a caller's `key`."""
        found = select(Run).where(Run.environment == environment, Run.key == key)
        return self._one(found)

    def latest_runs(self, model: str, environment: str, limit: int) -> Sequence[Run]:
        """Return the runs of a model that changed last, newest first."""
        found = select(Run).where(Run.model == model, Run.environment == environment)
        return self._all(found.order_by(Run.changed_at.desc()).limit(limit))

    def steps(self, run_id: str) -> Sequence[Step]:
        """Return a run's steps in the order they began."""
        return self._all(select(Step).where(Step.run_id == run_id).order_by(Step.id))

    def step(self, run_id: str, name: str) -> Step | None:
        """Return one step of a run."""
        return self._one(select(Step).where(Step.run_id == run_id, Step.name == name))

    def cached_step(
        self, model: str, environment: str, name: str, digest: str
    ) -> Step | None:
        """Return the step that last succeeded with the same `digest`."""
        found = select(Step).where(
            Step.model == model,
            Step.environment == environment,
            Step.name == name,
            Step.digest == digest,
            Step.state == "succeeded",
        )
        return self._one(found.order_by(Step.changed_at.desc()).limit(1))

    def latest_operation(self, key: str) -> Operation | None:
        """Return the operation of `key` with the highest generation."""
        with self._database.statement() as connection:
            made = prepared(connection, _latest_operation)
            found = run(connection, made, {"key": key}).fetchone()
        return Operation(**made.row(found)) if found is not None else None

    def operation_named(self, resource: str, name: str) -> Operation | None:
        """Return the operation that last made the resource called `name`."""
        found = select(Operation).where(
            Operation.resource == resource,
            Operation.name == name,
            Operation.call.startswith("Create"),
        )
        return self._one(found.order_by(Operation.id.desc()).limit(1))

    def has_operation(self, resource: str, name: str) -> bool:
        """Tell whether any operation is about the resource called `name`."""
        found = select(Operation).where(
            Operation.resource == resource, Operation.name == name
        )
        return self._one(found.limit(1)) is not None

    def operations(self, run_id: str) -> Sequence[Operation]:
        """Return a run's operations in the order they were intended."""
        found = select(Operation).where(Operation.run_id == run_id)
        return self._all(found.order_by(Operation.id))

    def unfinished_operations(
        self, model: str, environment: str
    ) -> Sequence[Operation]:
        """Return a model's operations that nobody has seen the end of."""
        found = (
            select(Operation)
            .join(Run, Run.run_id == Operation.run_id)
            .where(
                Run.model == model,
                Run.environment == environment,
                Operation.state.in_(CHARTS["operation"].unfinished),
            )
        )
        return self._all(found.order_by(Operation.id))

    def equal_version(self, version: ModelVersion) -> ModelVersion | None:
        """Return the version with the same artifact and image."""
        return self._one(
            select(ModelVersion).where(
                ModelVersion.environment == version.environment,
                ModelVersion.model == version.model,
                ModelVersion.artifact_digest == version.artifact_digest,
                ModelVersion.image_uri == version.image_uri,
                ModelVersion.image_digest == (version.image_digest or ""),
            )
        )

    def versions(self, model: str, environment: str) -> Sequence[ModelVersion]:
        """Return a model's versions, newest first."""
        found = select(ModelVersion).where(
            ModelVersion.model == model, ModelVersion.environment == environment
        )
        return self._all(found.order_by(ModelVersion.version.desc()))

    def latest_deployment(self, model: str, environment: str) -> Deployment | None:
        """Return the model's last deployment."""
        found = select(Deployment).where(
            Deployment.model == model, Deployment.environment == environment
        )
        return self._one(found.order_by(Deployment.id.desc()).limit(1))

    def deployment(self, number: int) -> Deployment:
        """Return the deployment with the id `number`."""
        [found] = self._all(select(Deployment).where(Deployment.id == number))
        return found

    def last_word_on(self, endpoint_name: str, config_name: str) -> Deployment | None:
        """Return the last deployment of a config, or the rollback from it after that."""
        found = select(Deployment).where(
            Deployment.endpoint_name == endpoint_name,
            or_(
                Deployment.endpoint_config_name == config_name,
                and_(
                    Deployment.kind == "rollback",
                    Deployment.previous_config_name == config_name,
                ),
            ),
        )
        return self._one(found.order_by(Deployment.id.desc()).limit(1))

    def way_back(self, endpoint_name: str, config_name: str) -> str:
        """Return the config that served before one; empty: none did that served well.

        It is that of the deployment that last brought it: a rollback to it changes
        nothing about what was before it. What somebody rolled back from is no way back.
        """
        found = select(Deployment).where(
            Deployment.endpoint_name == endpoint_name,
            Deployment.endpoint_config_name == config_name,
            Deployment.previous_config_name != config_name,
            Deployment.kind != "rollback",
            Deployment.state == "succeeded",
        )
        brought = self._one(found.order_by(Deployment.id.desc()).limit(1))
        previous = brought.previous_config_name if brought else ""
        last = self.last_word_on(endpoint_name, previous) if previous else None
        if last is None or last.endpoint_config_name == previous:
            return previous
        return "" if last.state == "succeeded" else previous

    def settled_config(self, endpoint_name: str) -> str:
        """Return the config that was verified last; empty: none ever was."""
        found = select(Deployment).where(
            Deployment.endpoint_name == endpoint_name, Deployment.state == "succeeded"
        )
        last = self._one(found.order_by(Deployment.id.desc()).limit(1))
        return last.endpoint_config_name if last else ""

    def verified_digest(self, endpoint_name: str, config_name: str) -> str:
        """Return the image digest that a config was first verified with; empty: none."""
        found = select(Deployment).where(
            Deployment.endpoint_name == endpoint_name,
            Deployment.endpoint_config_name == config_name,
            Deployment.image_digest != "",
        )
        first = self._one(found.order_by(Deployment.id).limit(1))
        return first.image_digest if first else ""

    def version_of_config(self, endpoint_name: str, config_name: str) -> int:
        """Return the version that a config was last deployed with; 0: not known."""
        found = select(Deployment).where(
            Deployment.endpoint_name == endpoint_name,
            Deployment.endpoint_config_name == config_name,
        )
        last = self._one(found.order_by(Deployment.id.desc()).limit(1))
        return last.version if last else 0

    def endpoint(self, name: str) -> Endpoint | None:
        """Return the endpoint called `name`, if it is one of ours."""
        return self._one(select(Endpoint).where(Endpoint.name == name))

    def calls(self, operation_id: int) -> Sequence[OperationCall]:
        """Return every call that was made for an operation, oldest first."""
        found = select(OperationCall).where(OperationCall.operation_id == operation_id)
        return self._all(found.order_by(OperationCall.id))

    def history(self, kind: str, row_id: int) -> Sequence[Transition]:
        """Return every change of a row's state, oldest first."""
        found = select(Transition).where(
            Transition.kind == kind, Transition.row_id == row_id
        )
        return self._all(found.order_by(Transition.id))

    def _one(self, statement: Select[AnyRow]) -> AnyRow | None:
        with self._database.reading() as session:
            return session.scalar(statement)

    def _all(self, statement: Select[AnyRow]) -> Sequence[AnyRow]:
        with self._database.reading() as session:
            return session.scalars(statement).all()


def _latest_operation() -> Select[Any]:
    """Return the question that every operation begins with."""
    table = Operation.__table__
    found = select(table).where(table.c.key == bindparam("key"))
    return found.order_by(table.c.generation.desc()).limit(1)
