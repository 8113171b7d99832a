"""The conformance suite leaves nothing out without saying why."""

import pytest
from conformance_record import PROVOKED, UNREACHABLE
from conformance_refusals import UNREACHED, refusals

from slipway.sagemaker.service_model import service_model


@pytest.mark.parametrize("kind", PROVOKED)
def test_every_status_of_awss_is_seen_or_has_a_reason_why_not(kind):
    enum = service_model("sagemaker").shape_for(kind).enum
    seen, left_out = set(PROVOKED[kind]), set(UNREACHABLE[kind])

    assert seen | left_out == set(enum)
    assert not seen & left_out
    assert all(UNREACHABLE[kind].values())


def test_every_refusal_that_is_left_out_is_one_with_a_reason():
    assert set(UNREACHED) < set(refusals())
    assert all(UNREACHED.values())


def test_a_refusal_is_known_by_its_words_whatever_it_is_about():
    pattern = refusals()["above"]

    assert pattern.match(
        "ValidationException: 1 validation error detected: Value '9' at 'x' failed to "
        "satisfy constraint: Member must have value less than or equal to 5"
    )
    assert not pattern.match("ValidationException: Could not find model")
