"""A model version: the artifact that met its gates, kept for good with its lineage."""

from slipway.controller.orm import ModelVersion
from slipway.controller.steps.definition import Definition, Moves, Outputs, Task
from slipway.controller.version_manifest import ARTIFACT, approve, present
from slipway.s3.uri import S3Uri

NAME = "register"


def _reads(task: Task) -> object:
    train = task.done["train"]
    return {
        "artifact": train["artifact_digest"],
        "image": task.request.image.uri,
        "gates": task.done["evaluate"],
        "approval": task.context.spec.approval,
    }


def _perform(task: Task) -> Outputs:
    context, train = task.context, task.done["train"]
    version = context.store.register(
        ModelVersion(
            environment=context.settings.environment.name,
            model=context.spec.name,
            run_id=task.run_id,
            artifact_digest=train["artifact_digest"],
            artifact_uri="",
            archive_sha256=train["archive_sha256"],
            image_uri=task.request.image.uri,
            image_digest=context.image_digest(task.request.image.uri),
            metrics=train["metrics"],
            lineage=_lineage(task),
        )
    )
    folder = context.layout.version(version.version)
    artifact = folder / ARTIFACT
    if version.state == "registered":
        _fill(task, version, folder)
        keep = approve if context.spec.approval == "gates" else present
        keep(context.store, context.objects, version, folder)
    return {"version": version.version, "artifact_uri": str(artifact)}


def _fill(task: Task, version: ModelVersion, folder: S3Uri) -> None:
    """Put into the version's folder what is not there yet, of the run that registered it.

    An equal artifact of a later run is another archive: its files have other times.
    """
    context, run_id = task.context, version.run_id
    trained: Outputs = task.done["train"]
    if run_id != task.run_id:
        step = context.store.records.step(run_id, "train")
        trained = step.outputs if step is not None else trained
    request = context.layout.smoke_request(run_id)
    archive = S3Uri.parse(trained["artifact_uri"])
    for source, target in (
        (archive, folder / ARTIFACT),
        (request, folder / request.name),
    ):
        if not context.objects.exists(target):
            context.objects.copy(source, target)


def _lineage(task: Task) -> dict[str, object]:
    extract, preprocess = task.done["extract"], task.done["preprocess"]
    return {
        "code_commit": task.request.code_commit,
        "image_content_digest": task.request.image.digest,
        "runtime_digest": task.request.image.runtime_digest,
        "data_digest": extract["data_digest"],
        "features_digest": preprocess["features_digest"],
        "sql_digest": extract["sql_digest"],
        "parameters": dict(task.request.parameters),
        "run_date": task.request.run_date.isoformat(),
        "hyperparameters": dict(task.context.spec.hyperparameters),
        "overrides": [override.as_dict() for override in task.context.overrides],
    }


def _stands(task: Task, outputs: Outputs) -> bool:
    return task.context.objects.exists(S3Uri.parse(outputs["artifact_uri"]))


def _note(outputs: Outputs) -> str:
    return f"version {outputs['version']}"


REGISTER = Definition(NAME, _reads, _perform, _stands, _note, Moves.VERSIONS)
