"""Rollbacks: what served before serves again, and what that can be."""

import pytest
from rollout_rig import deployed

from slipway.controller.deployments import promote, roll_back
from slipway.errors import FailedBeforeError, InvalidRequestError


def test_a_version_that_a_person_rolled_back_from_is_not_deployed_again(serving):
    deployed(serving)
    rollout = roll_back(serving.context(), "wrong for children")

    with pytest.raises(FailedBeforeError, match="wrong for children"):
        deployed(serving)

    assert rollout.version == serving.champion == 1
    assert serving.served == "1"


def test_rolling_back_twice_does_not_bring_the_bad_version_again(serving):
    deployed(serving)
    roll_back(serving.context())

    with pytest.raises(InvalidRequestError, match="nothing to go back to"):
        roll_back(serving.context())

    assert serving.served == "1"


def test_a_second_rollback_goes_one_further_back_and_a_number_comes_forward(serving):
    deployed(serving)
    deployed(serving, serving.version("c").version)

    back = [roll_back(serving.context()).version for _ in range(2)]

    assert (back, serving.served, serving.champion) == ([2, 1], "1", 1)
    assert promote(serving.context(), 3).version == serving.champion == 3


def test_a_config_that_somebody_made_by_hand_is_no_way_back(serving):
    sagemaker = serving.sagemaker
    config = sagemaker.made["EndpointConfig", serving.last.endpoint_config_name]
    sagemaker.made["EndpointConfig", "mine"] = config
    sagemaker.endpoints["local-churn"].config = "mine"
    deployed(serving)

    with pytest.raises(InvalidRequestError) as caught:
        roll_back(serving.context())

    assert str(caught.value) == (
        "The endpoint 'local-churn' served 'mine' before, which somebody made by hand: it"
        " is no version of churn. Name one: invoke promote --model churn --version N"
    )
    assert serving.served == "2"


def test_a_config_that_somebody_rolled_back_from_is_no_way_back(serving):
    deployed(serving)
    promote(serving.context(), 1)
    roll_back(serving.context(), "it was better")

    with pytest.raises(InvalidRequestError, match="nothing to go back to"):
        roll_back(serving.context())

    assert (serving.served, serving.champion) == ("2", 2)
