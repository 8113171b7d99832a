import datetime as dt

import pytest

from slipway.errors import InvalidRequestError
from slipway.spec import Parameter, bind_parameters

DAY = dt.date(2026, 1, 31)
DECLARED = {
    "as_of": Parameter(type="date", default="run_date"),
    "days": Parameter(type="integer", default=30),
    "region": Parameter(type="string"),
}


def test_defaults_are_filled_in_and_texts_become_values():
    bound = bind_parameters(DECLARED, {"region": "north", "days": "7"}, DAY)

    assert bound == {"as_of": "2026-01-31", "days": 7, "region": "north"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "'region' has no default"),
        ({"region": "x", "regoin": "y"}, "Did you mean 'region'"),
        ({"region": "x", "days": "many"}, "must be of type integer, not 'many'"),
        ({"region": "x", "days": True}, "must be of type integer"),
        ({"region": "x", "as_of": "31.01.2026"}, "must be of type date"),
    ],
)
def test_a_bad_value_is_named(given, words):
    with pytest.raises(InvalidRequestError) as refusal:
        bind_parameters(DECLARED, given, DAY)

    assert words in str(refusal.value)


@pytest.mark.parametrize("value", ["nan", "inf", True, "x"])
def test_a_number_is_finite(value):
    with pytest.raises(InvalidRequestError):
        bind_parameters({"x": Parameter(type="number")}, {"x": value}, DAY)


def test_a_default_of_the_wrong_type_is_refused_when_it_is_declared():
    with pytest.raises(ValueError, match="integer"):
        Parameter(type="integer", default="soon")
