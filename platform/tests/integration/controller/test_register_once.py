"""A version that is registered keeps its own files, whoever makes its equal again."""

import datetime as dt
import hashlib

import pytest

from slipway.controller.context import Image, Request, Sources
from slipway.controller.hosting import check_archive
from slipway.controller.steps.definition import Task
from slipway.controller.steps.register import REGISTER
from slipway.testing.rollout_world import RolloutWorld
from slipway.testing.rows import run_row, version_row


@pytest.fixture
def world(database, tmp_path):
    return RolloutWorld(database, tmp_path)


def registered(world, run_id, archive):
    """Register what a run trained: the same artifact in an archive of its own."""
    context = world.context()
    context = context.__class__(
        **{
            **vars(context),
            "spec": context.spec.model_copy(update={"approval": "person"}),
        }
    )
    uri = context.layout.run(run_id) / "train" / "model.tar.gz"
    world.shelf.write(uri, archive)
    world.shelf.write(context.layout.smoke_request(run_id), run_id.encode())
    trained = {
        "artifact_uri": str(uri),
        "artifact_digest": "a",
        "archive_sha256": hashlib.sha256(archive).hexdigest(),
        "metrics": {},
    }
    request = Request(
        run_date=dt.date(2026, 1, 31),
        parameters={},
        image=Image("i", "r"),
        sources=Sources("", (), {}),
        code_commit="",
    )
    done = {
        "extract": {"data_digest": "d", "sql_digest": "s"},
        "preprocess": {"features_digest": "f"},
        "train": trained,
        "evaluate": {},
    }
    REGISTER.perform(Task(context, request, run_id, done))
    return context


def test_an_equal_artifact_of_a_later_run_is_not_copied_over(world):
    registered(world, "r1", b"an archive of noon")
    world.store.add(run_row("r2"))

    context = registered(world, "r2", b"an archive of one o'clock")

    (version,) = world.store.records.versions("churn", "local")
    check_archive(context, version)
    request = context.layout.version(1) / "smoke_request.json"
    assert world.shelf.read(request) == b"r1"


def test_an_equal_artifact_in_another_image_of_the_same_name_is_another_version(world):
    registered(world, "r1", b"an archive")
    world.store.add(run_row("r2"))
    world.digests["i"] = "sha256:another"

    registered(world, "r2", b"an archive")

    versions = world.store.records.versions("churn", "local")
    assert [(one.version, one.image_digest) for one in versions] == [
        (2, "sha256:another"),
        (1, "sha256:i"),
    ]


def test_a_version_is_immutable_but_for_where_its_artifact_is(store):
    version = store.register(version_row("a"))

    moved = store.amend(version, artifact_uri="s3://b/k")
    with pytest.raises(TypeError, match="is immutable: archive_sha256, metrics"):
        store.amend(moved, metrics={"auc": 1.0}, archive_sha256="0")
    with pytest.raises(TypeError, match="is immutable: lineage"):
        store.advance(moved, "approve", lineage={})

    (kept,) = store.records.versions("churn", "local")
    assert (kept.state, kept.metrics, kept.lineage) == ("registered", {}, {})
