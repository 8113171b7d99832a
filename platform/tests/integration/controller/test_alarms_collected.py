import pytest

from slipway.controller.deployments import deploy
from slipway.sagemaker.alarms import AlarmState
from slipway.testing.rollout_world import CANARY, RolloutWorld


@pytest.fixture
def world(database, tmp_path):
    return RolloutWorld(database, tmp_path)


def test_the_alarms_of_a_config_go_with_it_and_those_of_others_stay(world):
    world.sagemaker.alarms.says = {"error_rate": AlarmState.OK}
    for digest in "abcd":
        deploy(world.context(**CANARY), "r1", world.version(digest))
    configs = {name for kind, name in world.sagemaker.made if kind == "EndpointConfig"}

    world.collect(keep=1)

    left = {name for kind, name in world.sagemaker.made if kind == "EndpointConfig"}
    watched = {name.rpartition("-primary-")[0] for name in world.sagemaker.alarms.kept}
    assert watched == left
    assert left < configs
