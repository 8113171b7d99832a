from openapi_spec_validator import OpenAPIV31SpecValidator

from slipway.application.actions import ACTIONS
from slipway.application.rest.openapi import document


def test_the_document_is_valid_openapi_and_has_every_action(api):
    said = api.ask("GET", "/openapi.json", role=None).get_json()

    OpenAPIV31SpecValidator(said).validate()
    named = {
        operation["operationId"]
        for path, route in said["paths"].items()
        for operation in route.values()
        if path.startswith("/v1")
    }
    assert named == {action.name for action in ACTIONS}
    assert said == document()


def test_metrics_count_rows_by_state_and_requests_by_action(api):
    api.ask("GET", "/v1/runs")

    text = api.ask("GET", "/metrics", role=None).text

    assert 'slipway_runs{state="running"} 1.0' in text
    assert 'slipway_request_seconds_count{action="run.list",status="200"} 1.0' in text
