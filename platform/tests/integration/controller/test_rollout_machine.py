"""Whatever people, alarms and crashes do: what serves is there, and is what it should be."""

import contextlib
import sqlite3
import tempfile
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from slipway.controller.deployments import deploy, promote, roll_back
from slipway.controller.garbage.tombstones import retire_version
from slipway.controller.orm import ConfigOverride
from slipway.controller.overrides import accept, with_active, withdraw
from slipway.controller.schema import migrate
from slipway.controller.states.chart import DAY
from slipway.controller.states.model_version import CHAMPION
from slipway.controller.store import Database
from slipway.controller.store.clock import seconds_now
from slipway.controller.store.deployments import decide
from slipway.controller.store.overrides import active_overrides, set_override
from slipway.controller.store.reigns import reigns_of
from slipway.errors import ConflictError, InvalidRequestError, SlipwayError
from slipway.sagemaker.alarms import AlarmState
from slipway.testing.invariants import history_is_the_state
from slipway.testing.mortal import (
    CrashError,
    Life,
    MortalDatabase,
    MortalSageMaker,
    MortalShelf,
)
from slipway.testing.rollout_world import CANARY, RolloutWorld
from slipway.testing.rows import ENVIRONMENT, MODEL

REASON = "somebody's reason"
COUNT = "endpoint.instance_count"
POLICIES = (
    {},
    CANARY,
    {**CANARY, "strategy": "linear", "step_percent": 40},
)
MAY_SERVE = {"approved", CHAMPION, "superseded"}
#: I5: it converges within so many tries after the last fault.
TRIES = 5
policies, picks = st.sampled_from(POLICIES), st.integers(0, 9)
#: What the alarms say; None: they have no data.
says = st.sampled_from([None, *AlarmState])


@cache
def tables():
    """Return the controller's tables as a file holds them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tables.db"
        database = Database(f"sqlite:///{path}")
        migrate(database)
        database.engine.dispose()
        with contextlib.closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


class Rollouts(RuleBasedStateMachine):
    """Deploys, decides, retires, collects, overrides, and dies at any instant of it."""

    @initialize()
    def serve(self):
        self.stack = contextlib.ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        path = self.folder / "controller.db"
        path.write_bytes(tables())
        self.life, self.dies_after = Life(), None
        self.database = MortalDatabase(f"sqlite:///{path}", self.life)
        self.stack.callback(self.database.engine.dispose)
        self.world = RolloutWorld(
            self.database, self.folder, MortalSageMaker(self.life)
        )
        self.world.shelf = MortalShelf(self.life)
        deploy(self.world.context(), "r1", self.world.version("v1"))

    @rule(policy=policies, says=says)
    def deploy_a_new_version(self, policy, says):
        self.say(says)
        version = self.world.version(f"v{len(self.versions()) + 1}")
        self.attempt(lambda: deploy(self.context(policy), "r1", version))

    @rule(pick=picks, policy=policies)
    def deploy_a_version_again(self, pick, policy):
        version = self.picked(pick)
        self.attempt(lambda: deploy(self.context(policy), "r1", version))

    @rule(pick=picks, policy=policies, says=says)
    def promote_a_version(self, pick, policy, says):
        self.say(says)
        number = self.picked(pick).version
        self.attempt(lambda: promote(self.context(policy), number, REASON))

    @rule(says=says)
    def promote_what_is_under_way(self, says):
        self.say(says)
        self.attempt(lambda: promote(self.context({}), None, REASON))

    @rule()
    def roll_back(self):
        self.attempt(lambda: roll_back(self.context({}), REASON))

    @rule(pick=picks)
    def give_a_command_about_a_champion_that_was(self, pick):
        stale = self.world.champion + 1 + pick
        before = self.world.sagemaker.calls[:]
        for command in (
            lambda: promote(self.context({}), 1, REASON, expects=stale),
            lambda: roll_back(self.context({}), REASON, expects=stale),
        ):
            with pytest.raises(ConflictError, match="nothing was changed"):
                command()
        assert self.world.sagemaker.calls == before

    @rule(pick=picks)
    def retire(self, pick):
        number, estate = self.picked(pick).version, self.world.estate()
        self.attempt(
            lambda: retire_version(estate, MODEL, number, REASON, lambda: None)
        )

    @rule(keep=st.integers(0, 3))
    def collect(self, keep):
        needed = self.retained(keep)
        self.attempt(lambda: self.world.collect(keep=keep))
        assert needed <= self.there()

    @rule(count=st.integers(1, 3))
    def override(self, count):
        row = ConfigOverride(
            environment=ENVIRONMENT,
            model=MODEL,
            key=COUNT,
            value=str(count),
            actor="somebody",
            purpose=REASON,
            expires_at=self.tomorrow(),
        )
        beside = [row.id for row in self.active()]
        self.attempt(lambda: set_override(self.world.store, row, beside=beside))

    @rule()
    def override_badly(self):
        before = [row.id for row in self.active()]
        with pytest.raises(InvalidRequestError, match="greater than or equal to 1"):
            accept(
                self.world.context(),
                f"{COUNT}=0",
                purpose=REASON,
                expires_at=self.tomorrow(),
            )
        assert [row.id for row in self.active()] == before

    @rule()
    def take_an_override_back(self):
        self.attempt(lambda: withdraw(self.world.context(), COUNT, REASON))

    @rule()
    def an_override_ends(self):
        for row in self.active():
            self.world.store.amend(row, expires_at=0.0)
        assert self.active() == []

    @rule(word=st.sampled_from(["promote", "rollback"]))
    def somebody_decides_during_the_next_shift(self, word):
        alarms = self.world.sagemaker.alarms

        def once(names):
            del alarms.states
            with contextlib.suppress(SlipwayError):
                decide(self.world.store, self.world.last, word, REASON)
            return alarms.states(names)

        alarms.states = once

    @rule(ends=st.sampled_from(["InService", "UpdateRollbackFailed", "Failed"]))
    def the_next_change_of_the_endpoint_ends_badly(self, ends):
        self.world.sagemaker.fates = [(ends, "SageMaker's reason")]

    @rule()
    def the_next_version_answers_as_another(self):
        self.world.sagemaker.liars.add(str(len(self.versions()) + 1))

    @rule(instants=st.integers(1, 80))
    def the_next_command_dies(self, instants):
        self.dies_after = instants

    @invariant()
    def what_serves_is_there(self):
        there = self.there()
        for config in self.live():
            assert self.stands_on(config) <= there

    @invariant()
    def what_serves_may_serve(self):
        states = {str(version.version): version.state for version in self.versions()}
        if self.world.endpoint in self.world.sagemaker.endpoints:
            assert states[self.world.served] in MAY_SERVE

    @invariant()
    def one_version_is_the_champion_and_its_reign_follows_on_the_one_before(self):
        [champion] = [v for v in self.versions() if v.state == CHAMPION]
        reigns = reigns_of(self.database, MODEL, ENVIRONMENT)
        since = [reign.since for reign in reigns]
        assert [reign.until for reign in reigns] == [*since[1:], None]
        assert reigns[-1].version_id == champion.id

    @invariant()
    def at_rest_the_champion_serves(self):
        endpoint = self.world.sagemaker.endpoints.get(self.world.endpoint)
        at_rest = self.world.last.state in {"succeeded", "rolled_back", "aborted"}
        if at_rest and endpoint is not None and endpoint.status == "InService":
            assert self.world.served == str(self.world.champion)

    @invariant()
    def history_is_the_state(self):
        assert history_is_the_state(self.database) == []

    def teardown(self):
        """Whatever happened: a good version is deployed, within five tries."""
        if not hasattr(self, "world"):
            return
        with self.stack:
            self.world.sagemaker.fates = []
            self.say(AlarmState.OK)
            self.world.sagemaker.liars = set()
            vars(self.world.sagemaker.alarms).pop("states", None)
            version = self.world.version(f"v{len(self.versions()) + 1}")
            for _ in range(TRIES):
                with contextlib.suppress(SlipwayError):
                    deploy(self.context({}), "r1", version)
                    break
            serves = (str(version.version), version.version)
            assert (self.world.served, self.world.champion) == serves
            self.what_serves_is_there()
            self.history_is_the_state()

    def attempt(self, command):
        """Give a command; it may be refused, fail, or die."""
        if self.dies_after is not None:
            self.life.ends_after(self.dies_after)
        try:
            command()
        except (SlipwayError, CrashError):
            pass
        finally:
            self.life.begins()
            self.dies_after = None

    def say(self, state):
        self.world.sagemaker.alarms.says = (
            {} if state is None else {"error_rate": state}
        )

    def context(self, policy):
        return with_active(self.world.context(**policy))

    def versions(self):
        return self.world.store.records.versions(MODEL, ENVIRONMENT)

    def picked(self, pick):
        found = self.versions()
        return found[pick % len(found)]

    def tomorrow(self):
        return seconds_now(self.database) + DAY

    def active(self):
        found = active_overrides(self.database, MODEL, ENVIRONMENT)
        return [listed.row for listed in found if listed.counts]

    def live(self):
        """Return the configs that the endpoint serves, and is changed to."""
        found = self.world.sagemaker.endpoints.get(self.world.endpoint)
        if found is None:
            return []
        return [found.config, *([found.shift.config] if found.shift else [])]

    def stands_on(self, config):
        """Return all that a config needs, itself first."""
        made, found = self.world.sagemaker.made, {("EndpointConfig", config)}
        for variant in made["EndpointConfig", config]["ProductionVariants"]:
            name = variant["ModelName"]
            container = made["Model", name]["PrimaryContainer"]
            found |= {("Model", name), ("image", container["Image"])}
            found.add(("object", container["ModelDataUrl"]))
        return found

    def there(self):
        """Return everything that is there."""
        images = {("image", picture.uri) for picture in self.world.pictures.held}
        objects = {("object", uri) for uri in self.world.shelf.held}
        return {*self.world.sagemaker.made, *images, *objects}

    def retained(self, keep):
        """Return what a collection must leave: the way back, and the last versions."""
        records, found = self.world.store.records, set()
        for config in self.live():
            previous = records.way_back(self.world.endpoint, config)
            if ("EndpointConfig", previous) in self.world.sagemaker.made:
                found |= self.stands_on(previous)
        usable = [v for v in self.versions() if v.state != "retired"][:keep]
        for version in usable:
            found |= {("object", version.artifact_uri), ("image", version.image_uri)}
        return found


class LongRollouts(Rollouts):
    """The same, for as long as a night has."""


USUAL = {
    "deadline": None,
    "database": None,
    "report_multiple_bugs": False,
    "suppress_health_check": list(HealthCheck),
}
TestRollouts = Rollouts.TestCase
# Making a failure smaller takes minutes: the nightly one does.
TestRollouts.settings = settings(
    max_examples=20,
    stateful_step_count=15,
    derandomize=True,
    phases=[Phase.generate],
    **USUAL,
)
TestRolloutsAtLength = LongRollouts.TestCase
TestRolloutsAtLength.settings = settings(
    max_examples=500, stateful_step_count=40, **USUAL
)
TestRolloutsAtLength.pytestmark = [pytest.mark.nightly]
