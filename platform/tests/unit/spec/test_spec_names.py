import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.errors import InvalidRequestError
from slipway.names import (
    LONGEST_NAME,
    check_model_name,
    check_new_model_name,
    resource_name,
)

#: SageMaker's own pattern for the names of jobs and endpoints.
PATTERN = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}")
TEXT = st.text(alphabet=st.characters(codec="ascii"), min_size=1, max_size=90)


@given(TEXT, TEXT, TEXT, st.integers(1, 10**6))
def test_every_name_is_one_that_sagemaker_accepts(model, step, digest, generation):
    name = resource_name("local", model, step, digest=digest, generation=generation)

    assert PATTERN.fullmatch(name)
    assert len(name) <= LONGEST_NAME


@given(TEXT, st.text(min_size=1), st.text(min_size=1))
def test_another_digest_is_another_name_however_long_the_model_is(model, one, other):
    same = resource_name(model * 9, digest=one) == resource_name(
        model * 9, digest=other
    )

    assert same == (one == other)


def test_a_second_generation_has_a_name_of_its_own():
    names = {resource_name("m", digest="d", generation=g) for g in range(1, 20)}

    assert len(names) == 19


@pytest.mark.parametrize(
    "name",
    ["", "Churn", "2churn", "churn-risk", "churn__risk", "_x", "x_", "é", "a" * 33],
)
def test_a_name_of_the_wrong_form_is_refused_and_quoted(name):
    with pytest.raises(InvalidRequestError) as refusal:
        check_model_name(name)

    assert repr(name) in str(refusal.value)


@pytest.mark.parametrize("name", ["platform", "json", "xgboost", "sklearn", "pytest"])
def test_a_new_model_shadows_no_package(name):
    with pytest.raises(InvalidRequestError, match="would shadow"):
        check_new_model_name(name)
