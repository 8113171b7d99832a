"""Whoever moves a model holds it: one at a time, and nothing of one that slept meanwhile."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from rollout_rig import deployed, numbered

from slipway.controller.deployments import deploy, promote, roll_back
from slipway.controller.garbage.tombstones import retire_version
from slipway.controller.intents import delete_key
from slipway.controller.orm import Deployment
from slipway.controller.rollout.asking import ask_promotion, ask_return
from slipway.controller.store import Leases
from slipway.controller.store.deployments import begin, reject
from slipway.controller.store.remains import Remains
from slipway.errors import (
    ConflictError,
    FailedBeforeError,
    FencedError,
    InvalidRequestError,
    StepFailedError,
)
from slipway.testing.invariants import no_stale_writer
from slipway.testing.rows import ENVIRONMENT, MODEL, operation_row
from slipway.testing.waiting import wait_until

LEASE = "local/churn"
#: More looks than a command takes.
MOST = 80


@pytest.fixture
def leases(database):
    return Leases(database)


@pytest.fixture
def other(serving, leases):
    """Give the context of one who takes the model over, whoever holds it, to a command."""

    def taken_over(command):
        held = leases.take(LEASE, leases.seen(LEASE), holder="other")
        context = serving.context()
        try:
            command(replace(context, store=context.store.fenced(held)))
        finally:
            leases.release(held)

    return taken_over


class Looks:
    """The looks at SageMaker: after one of them, or before a delete, its worker sleeps."""

    def __init__(self, sagemaker):
        self.left = 0
        self.meanwhile = None
        #: What looks at do not count.
        self.skipped = set()
        self._mutate, sagemaker.mutate = sagemaker.mutate, self.mutate
        for name in ("describe", "tags"):
            setattr(sagemaker, name, self._counted(getattr(sagemaker, name)))

    def mutate(self, operation, *asked):
        if operation.startswith("Delete"):
            self._count()
        return self._mutate(operation, *asked)

    def _counted(self, look):
        def counted(*asked):
            found = look(*asked)
            if asked[0] not in self.skipped:
                self._count()
            return found

        return counted

    def _count(self):
        self.left -= 1
        if self.left == 0:
            self.meanwhile()


@pytest.fixture
def looks(serving):
    return Looks(serving.sagemaker)


def stands(world):
    """Tell whether what the endpoint serves is there, down to the artifact."""
    container = world.sagemaker.serving(world.endpoint)["PrimaryContainer"]
    images = {picture.uri for picture in world.pictures.held}
    return (
        container["ModelDataUrl"] in world.shelf.held and container["Image"] in images
    )


@pytest.mark.parametrize("command", [lambda c: promote(c, 2), roll_back])
def test_a_command_waits_for_whoever_holds_the_model(serving, leases, command):
    deployed(serving)
    sent, last = serving.sent(), serving.last.id
    held = leases.take(LEASE, leases.seen(LEASE), holder="invoke gc")
    with ThreadPoolExecutor(1) as pool:
        moved = pool.submit(command, serving.context())
        wait_until(lambda: serving.heard.waited, seconds=60)

        assert (moved.done(), serving.last.id, serving.sent()) == (False, last, sent)
        leases.release(held)
        moved.result(timeout=60)

    assert "waiting for invoke gc" in serving.heard.waited[0]
    history = serving.store.records.history("deployment", serving.last.id)
    assert {(change.lease, change.token > held.token) for change in history} == {
        (LEASE, True)
    }


@pytest.mark.parametrize("ask", [lambda c, **o: ask_promotion(c, 2, **o), ask_return])
def test_what_a_request_asks_for_is_written_by_who_holds_the_model(
    serving, leases, ask
):
    deployed(serving)
    last = serving.last.id
    leases.take(LEASE, leases.seen(LEASE), holder="invoke gc")

    def busy(seen):
        raise ConflictError(seen.holder)

    with pytest.raises(ConflictError, match="invoke gc"):
        ask(serving.context(), waiting=busy)

    assert serving.last.id == last


def test_two_machines_move_a_model_one_after_the_other(serving, tmp_path):
    third = serving.version("c")
    there = replace(serving.context().settings, state=tmp_path / "another machine's")
    real, pool = serving.sagemaker.mutate, ThreadPoolExecutor(1)
    moved = []

    def meeting(operation, *asked):
        if operation == "UpdateEndpoint" and not moved:
            context = replace(serving.context(), settings=there)
            moved.append(pool.submit(deploy, context, "r1", third))
            wait_until(lambda: serving.heard.waited, seconds=60)
        return real(operation, *asked)

    serving.sagemaker.mutate = meeting
    with pool:
        assert promote(serving.context(), 2).version == 2
        assert moved[0].result(timeout=60).version == 3

    records = serving.store.records
    versions = [
        records.version_of_config(serving.endpoint, config) for config in serving.sent()
    ]
    assert (versions, serving.served, serving.champion) == ([2, 3], "3", 3)


def test_a_promotion_that_slept_changes_nothing_wherever_it_stood(
    serving, other, looks
):
    """At each look in turn it sleeps, and a person rolls back on another machine."""
    taken = []

    def roll_back_elsewhere():
        with contextlib.suppress(InvalidRequestError):  # nothing is written yet
            other(lambda context: roll_back(context, "not this one"))
        taken.append((serving.sent(), serving.last.id, serving.last.state))

    looks.meanwhile = roll_back_elsewhere
    for at in range(1, MOST):
        looks.left = at
        try:
            promote(serving.context(), 2)
        except FencedError:
            left = (serving.sent(), serving.last.id, serving.last.state)
            assert (len(taken), taken[-1]) == (at, left)
            assert (serving.served, serving.champion) == ("1", 1)
        else:
            break

    assert at > 5
    assert len(taken) == at - 1
    assert (serving.served, serving.champion) == ("2", 2)
    assert no_stale_writer(serving.store.database) == []


def test_a_collection_that_slept_deletes_nothing_that_is_needed_wherever_it_stood(
    serving, other, looks
):
    """At each instant in turn it sleeps, and what nothing needed is promoted."""
    deployed(serving)
    deploy(serving.context(), "r1", serving.version("c"))
    made, fenced, late = serving.sagemaker.made, [], 0
    then = {}

    def promote_elsewhere():
        other(lambda context: promote(context, unneeded(serving), "it is wanted"))
        then.update(made)

    looks.meanwhile = promote_elsewhere
    looks.skipped = {"endpoint_config", "sagemaker_model"}
    for at in range(1, MOST):
        looks.left = at
        then.clear()
        try:
            serving.collect(keep=0)
        except FencedError:
            fenced.append(at)
        assert stands(serving)
        if not then:
            break
        late += len(then) - len(made)  # it slept on the way to its delete
        serving.collect(keep=0)
        promote(serving.context(), unneeded(serving))

    assert at < MOST - 1
    assert len(fenced) > 5
    assert late == 2
    assert no_stale_writer(serving.store.database) == []


def unneeded(world):
    """Return the version that neither serves nor is the way back."""
    records, live = world.store.records, world.champion
    config = world.sagemaker.endpoints[world.endpoint].config
    back = records.way_back(world.endpoint, config)
    kept = {live, records.version_of_config(world.endpoint, back)}
    [number] = {1, 2, 3} - kept
    return number


def test_a_collection_that_slept_deletes_no_file(serving, other):
    retire_version(serving.estate(), "churn", 2, "wrong", lambda _seen: None)
    real, held = serving.shelf.exists, dict(serving.shelf.held)

    def sleepy(uri):
        other(lambda _context: None)
        return real(uri)

    serving.shelf.exists = sleepy

    with pytest.raises(FencedError, match="nothing was written"):
        serving.collect(keep=0)

    assert serving.shelf.held == held
    assert len(serving.pictures.held) == 2


def config_of(world, number):
    """Return the config that a version was last deployed with."""
    deployments = Remains(world.store.database, ENVIRONMENT, MODEL).deployments()
    return next(d.endpoint_config_name for d in deployments if d.version == number)


def test_what_a_collection_gave_up_is_made_anew_by_another_name(serving):
    deployed(serving)
    deploy(serving.context(), "r1", serving.version("c"))
    given_up, real = config_of(serving, 1), serving.sagemaker.mutate

    def mortal(operation, *asked):
        if operation.startswith("Delete"):
            raise SystemExit
        return real(operation, *asked)

    serving.sagemaker.mutate = mortal
    with pytest.raises(SystemExit):
        serving.collect(keep=0)
    serving.sagemaker.mutate = real

    promote(serving.context(), 1)

    assert serving.served == "1"
    assert config_of(serving, 1) != given_up
    serving.collect(keep=0)
    assert stands(serving)
    assert deploy(serving.context(), "r1", numbered(serving, 1)).version == 1


def test_a_config_that_failed_is_not_sent_again_though_it_was_collected(serving):
    serving.sagemaker.liars = {"2"}
    with pytest.raises(StepFailedError):
        deployed(serving)
    sent, failed = serving.sent(), config_of(serving, 2)
    serving.collect(keep=0)
    assert ("EndpointConfig", failed) not in serving.sagemaker.made

    with pytest.raises(FailedBeforeError, match="did not serve well"):
        deployed(serving)

    assert serving.sent() == sent


def test_a_config_that_was_given_up_is_no_way_back(serving):
    deployed(serving)
    name = config_of(serving, 1)
    made = serving.store.records.operation_named("endpoint_config", name)
    begun = operation_row(delete_key(made.key, made.generation))
    begun.name, begun.digest = name, made.digest
    serving.store.add(begun)

    with pytest.raises(InvalidRequestError, match="invoke promote --model churn"):
        roll_back(serving.context())

    assert serving.served == "2"


def test_what_somebody_puts_an_endpoint_on_by_hand_meanwhile_is_kept(serving):
    deployed(serving)
    deploy(serving.context(), "r1", serving.version("c"))
    doomed = config_of(serving, 1)
    endpoint, real = (
        serving.sagemaker.endpoints[serving.endpoint],
        serving.sagemaker.tags,
    )

    def by_hand(arn):
        endpoint.config = doomed
        return real(arn)

    serving.sagemaker.tags = by_hand

    judged = serving.collect(keep=0)

    kept = {one.leftover.name: one.leftover.kept for one in judged if not one.gone}
    assert "serves it" in kept[doomed]
    assert ("EndpointConfig", doomed) in serving.sagemaker.made


def test_a_version_that_was_refused_meanwhile_is_not_rolled_out(serving):
    version = numbered(serving, 2)
    reject(serving.store, version, "wrong")

    wanted = Deployment(
        environment=ENVIRONMENT,
        model=MODEL,
        run_id="r1",
        endpoint_name=serving.endpoint,
        version=version.version,
        endpoint_config_name="c",
    )
    with pytest.raises(ConflictError, match="is rejected by now"):
        begin(serving.store, wanted, {"approved"})

    assert serving.last.version == 1
