import datetime as dt
import itertools

import pytest
from rollout_rig import deployed

from slipway.controller.champions import expect_champion, served_at
from slipway.controller.deployments import promote, roll_back
from slipway.controller.orm import Deployment
from slipway.controller.store.deployments import conclude
from slipway.controller.store.reigns import reigns_of
from slipway.errors import ConflictError, InvalidRequestError
from slipway.testing.rows import ENVIRONMENT, MODEL, version_row

DAY = dt.timedelta(days=1)
_endpoints = itertools.count(1)


def approved(store, digest):
    return store.advance(store.register(version_row(digest)), "approve")


def verified(store, version):
    """A deployment of the version that has only to be concluded."""
    row = Deployment(
        environment=ENVIRONMENT,
        model=MODEL,
        run_id="r1",
        endpoint_name=f"e{next(_endpoints)}",
        version=version.version,
    )
    return store.add(row, "update", "verify")


def states(store):
    return {v.version: v.state for v in store.records.versions(MODEL, ENVIRONMENT)}


def test_a_model_has_one_champion_at_most_and_every_move_has_its_history(store):
    first, second = (approved(store, digest) for digest in "ab")

    for version in (first, second, first, first):
        conclude(store, verified(store, version), version, "")

        assert list(states(store).values()).count("champion") == 1
        assert states(store)[version.version] == "champion"
    reigns = reigns_of(store.database, MODEL, ENVIRONMENT)
    assert [reign.version_id for reign in reigns] == [first.id, second.id, first.id]
    assert [reign.until for reign in reigns[:-1]] == [
        reign.since for reign in reigns[1:]
    ]
    assert reigns[-1].until is None


@pytest.mark.parametrize("before", [0, 1])
def test_of_two_who_move_the_champion_at_once_one_is_told_and_changes_nothing(
    store, monkeypatch, before
):
    """Both read the versions before either wrote; `before`: how many champions they saw."""
    old, mine, theirs = (approved(store, digest) for digest in "abc")
    if before:
        conclude(store, verified(store, old), old, "")
    deployment = verified(store, mine)
    seen = store.records.versions(MODEL, ENVIRONMENT)
    conclude(store, verified(store, theirs), theirs, "")
    now = states(store)
    monkeypatch.setattr(store.records, "versions", lambda *_: seen)

    with pytest.raises(ConflictError, match="meanwhile"):
        conclude(store, deployment, mine, "")

    monkeypatch.undo()
    assert states(store) == now
    assert store.records.deployment(deployment.id).state == "verifying"


def test_what_served_is_told_for_every_moment(serving):
    context, clock = serving.context(), serving.sagemaker.clock
    moments = [clock.at - DAY, clock.at]
    for change in (deployed, lambda world: roll_back(world.context(), "worse")):
        clock.sleep(DAY.total_seconds())
        change(serving)
        moments.append(clock.at)

    served = [served_at(context, at) for at in moments]

    numbers = [one.version.version if one.version else None for one in served]
    assert numbers == [None, 1, 2, 1]
    assert {one.first_at for one in served} == {served[1].reign.since}
    assert served[1].reign.until == served[2].reign.since
    assert "worse" in served[3].reign.reason


def test_a_reason_of_any_length_is_kept_as_far_as_it_fits(serving):
    context, reason = serving.context(), "x" * 4000

    promote(context, 2, reason)
    roll_back(context, reason)

    assert serving.champion == 1
    assert serving.last.decision_reason.startswith("rollback by ")
    assert len(serving.last.decision_reason) == 1024


def test_what_will_serve_is_not_told(serving):
    at = serving.sagemaker.clock.at + DAY

    with pytest.raises(InvalidRequestError, match="is to come: it is 2026-01-31T12:"):
        served_at(serving.context(), at)


@pytest.mark.parametrize(
    ("expected", "said"),
    [(0, "version 1 serves churn, not no version"), (7, "not version 7")],
)
def test_a_stale_expectation_says_what_serves_and_who_made_it_so(
    serving, expected, said
):
    with pytest.raises(ConflictError, match=said) as refusal:
        expect_champion(serving.context(), expected)

    assert "moved 2026-01-31T12:" in str(refusal.value)
    assert "nothing was changed" in str(refusal.value)
    expect_champion(serving.context(), 1)
    expect_champion(serving.context(), None)
