import datetime as dt

import pytest
from pydantic import ValidationError

from slipway.application.actions import ACTIONS
from slipway.application.faults import faults_of
from slipway.application.fields import WORDS
from slipway.application.requests import (
    ExplainAsked,
    MomentAsked,
    OverrideAsked,
    VersionNamed,
)

PATTERNS = {
    schema["pattern"]
    for action in ACTIONS
    for schema in [action.asks.model_json_schema()]
    for schema in [
        *schema.get("properties", {}).values(),
        *(
            inner
            for made in schema.get("$defs", {}).values()
            for inner in made.get("properties", {}).values()
        ),
    ]
    for schema in [schema, *schema.get("anyOf", []), schema.get("items", {})]
    if "pattern" in schema
}


def refusal(asks, **said):
    with pytest.raises(ValidationError) as error:
        asks.model_validate(said)
    return faults_of(error.value)


@pytest.mark.parametrize("pattern", sorted(PATTERNS))
def test_every_form_that_a_request_asks_for_has_words(pattern):
    assert pattern in WORDS


@pytest.mark.parametrize(
    ("asks", "said", "told"),
    [
        (
            ExplainAsked,
            {"model": "churn", "step": "Tra in"},
            "step is 'Tra in': it must be 1 to 32 lower-case letters and _",
        ),
        (
            VersionNamed,
            {"model": "churn", "version": 0},
            "version is 0: it must be at least 1",
        ),
        (
            VersionNamed,
            {"model": "churn", "version": 2**31},
            "version is 2147483648: it must be at most 2147483647",
        ),
        (
            OverrideAsked,
            {
                "model": "churn",
                "key": "train.depth",
                "value": "",
                "reason": "a\nb",
                "expires_at": "2026-01-31T00:00:00Z",
            },
            (
                "reason is 'a\\nb': it must be one line of text that is not empty;"
                " value is '': it must have a length of 1 or more"
            ),
        ),
        (
            OverrideAsked,
            {
                "model": "churn",
                "key": "train.depth",
                "value": "4",
                "reason": "r" * 1025,
                "expires_at": "2026-01-31T00:00:00Z",
            },
            f"reason is '{'r' * 79}…: it has more than 1024 characters",
        ),
    ],
)
def test_what_is_refused_is_told_in_words(asks, said, told):
    assert refusal(asks, **said) == told


def test_a_moment_that_utc_does_not_hold_is_shown_as_people_write_it():
    east = dt.timezone(dt.timedelta(hours=14))

    told = refusal(MomentAsked, model="churn", at=dt.datetime(1, 1, 1, tzinfo=east))

    assert told == (
        "at is 0001-01-01 00:00:00+14:00: is before the year 1 or after the year 9999"
        " in UTC"
    )
