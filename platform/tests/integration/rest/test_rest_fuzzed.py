"""The API against its own document: requests made from it, right ones and wrong ones."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import positive_data_acceptance

from slipway.application.actions import ACTIONS

#: The document cannot say which names are there, nor what a run allows when.
_NOT_HELD = [positive_data_acceptance]
_EXAMPLES = 6


@pytest.mark.parametrize("mode", schemathesis.GenerationMode)
@pytest.mark.parametrize("action", ACTIONS, ids=[action.name for action in ACTIONS])
def test_no_request_of_the_document_ends_in_a_fault_or_another_answer(
    api, action, mode
):
    application = api.client.application
    schema = schemathesis.openapi.from_wsgi("/openapi.json", application)
    operation = schema[f"/v1{action.path}"][action.method]
    headers = {"Authorization": f"Bearer {api.secrets['admin']}"}

    @settings(
        max_examples=_EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate(headers=headers, excluded_checks=_NOT_HELD)

    if operation.body or list(operation.iter_parameters()) or mode.is_positive:
        ask()
