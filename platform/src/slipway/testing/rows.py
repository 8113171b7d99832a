"""Rows for tests that need some: a run, a version, an operation."""

import datetime as dt

from slipway.controller.orm import ModelVersion, Operation, Run

MODEL, ENVIRONMENT = "churn", "local"


def run_row(run_id: str = "r1") -> Run:
    """Return a run of the model `churn`."""
    return Run(
        run_id=run_id,
        model=MODEL,
        environment=ENVIRONMENT,
        run_date=dt.date(2026, 1, 31),
        parameters={"a": [1, None, "ü"]},
    )


def version_row(digest: str, run_id: str = "r1") -> ModelVersion:
    """Return a version of the model `churn` with an artifact of its own."""
    return ModelVersion(
        environment=ENVIRONMENT,
        model=MODEL,
        run_id=run_id,
        artifact_digest=digest,
        artifact_uri="",
        archive_sha256="",
        image_uri="i",
        image_digest="",
        metrics={},
        lineage={},
    )


def operation_row(key: str, run_id: str = "r1", generation: int = 1) -> Operation:
    """Return an operation that creates a SageMaker model."""
    name = f"{key}-{generation}".replace("/", "-")
    return Operation(
        key=key,
        generation=generation,
        run_id=run_id,
        resource="sagemaker_model",
        call="CreateModel",
        name=name,
        digest=key,
        payload={"ModelName": name},
    )
