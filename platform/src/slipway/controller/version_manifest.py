"""A version's manifest: what it is made of, written once beside its artifact."""

from slipway.controller.orm import ModelVersion
from slipway.controller.store import Store
from slipway.errors import ConflictError
from slipway.s3.objects import Objects
from slipway.s3.uri import S3Uri

NAME, ARTIFACT = "manifest.json", "model.tar.gz"


def approve(
    store: Store, objects: Objects, version: ModelVersion, folder: S3Uri
) -> ModelVersion:
    """Write the manifest of a registered version into its `folder`, and approve it."""
    artifact = _written(objects, version, folder)
    return store.advance(version, "approve", artifact_uri=str(artifact))


def present(
    store: Store, objects: Objects, version: ModelVersion, folder: S3Uri
) -> ModelVersion:
    """Write the manifest of a registered version, and leave its approval to a person."""
    artifact = _written(objects, version, folder)
    return store.amend(version, artifact_uri=str(artifact))


def _written(objects: Objects, version: ModelVersion, folder: S3Uri) -> S3Uri:
    """Write the manifest into `folder`, and return where the artifact is.

    The same manifest that is there already is as good: an earlier call wrote it, and its
    answer was lost. ConflictError when another one is there: nothing is written over.
    """
    artifact = folder / ARTIFACT
    facts, uri = manifest(version, artifact), folder / NAME
    if not objects.write_once(uri, facts) and objects.read_json(uri) != facts:
        message = (
            f"{uri} is of another version {version.version} of {version.model!r}:"
            " nothing was written over. Move that folder away, then run again"
        )
        raise ConflictError(message)
    return artifact


def manifest(version: ModelVersion, artifact: S3Uri) -> dict[str, object]:
    """Return what a version is made of: the same for the same version."""
    # an older release kept none, and wrote its manifests without
    known = {"image_digest": version.image_digest} if version.image_digest else {}
    return {
        "model": version.model,
        "version": version.version,
        "run_id": version.run_id,
        "artifact": {
            "uri": str(artifact),
            "digest": version.artifact_digest,
            "sha256": version.archive_sha256,
        },
        "image_uri": version.image_uri,
        **known,
        "metrics": version.metrics,
        "lineage": version.lineage,
    }
