"""A tombstone's place that is taken: by the same tombstone, or by something else."""

import orjson
import pytest

from slipway.controller.garbage.tombstones import VERSION, retire_version
from slipway.errors import ConflictError
from slipway.testing.rollout_world import RolloutWorld


@pytest.fixture
def world(database, tmp_path):
    made = RolloutWorld(database, tmp_path)
    made.version("a")
    return made


def retire(world):
    return retire_version(world.estate(), "churn", 1, "why", lambda: None)


def place(world):
    return str(world.context().layout.tombstone(VERSION, "1"))


@pytest.mark.parametrize(
    "found", [b"{}", b"[]", b"not JSON", b'{"environment":"local","model":"fraud"}']
)
def test_what_is_no_tombstone_of_the_model_is_left_alone(world, found):
    world.shelf.held[place(world)] = found

    with pytest.raises(ConflictError, match="nothing was written over"):
        retire(world)

    (version,) = world.store.records.versions("churn", "local")
    assert version.state == "approved"
    assert world.shelf.held[place(world)] == found


def test_a_tombstone_whose_answer_was_lost_is_taken_as_it_is(world):
    first = {"environment": "local", "model": "churn", "reason": "leaked labels"}
    world.shelf.held[place(world)] = orjson.dumps(first)

    assert retire(world).state == "retired"
    assert orjson.loads(world.shelf.held[place(world)]) == first
