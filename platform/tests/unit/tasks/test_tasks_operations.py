import pytest

from slipway.errors import InvalidRequestError
from slipway.tasks.controllers import controller_of
from slipway.tasks.listing import list_operations


@pytest.fixture(autouse=True)
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("SLIPWAY_STATE", str(tmp_path))


def listed(**asked):
    return list_operations(
        controller_of("local", ""),
        "",
        **{"state": "", "limit": 20, "after": 0, **asked},
    )


def test_an_empty_ledger_is_an_empty_page():
    assert listed().data == {"operations": [], "next": None}


def test_a_state_that_is_none_gets_a_suggestion():
    with pytest.raises(InvalidRequestError, match="Did you mean 'submitted'"):
        listed(state="submited")


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_has_a_length(limit):
    with pytest.raises(InvalidRequestError, match="--after"):
        listed(limit=limit)
