import pytest

from slipway.controller.states import CHARTS
from slipway.testing.waiting import wait_until

MODEL, DATE = "tumor_malignancy", "2026-01-31"
ENDPOINT = "local-tumor-malignancy"
PLAN = ("plan", "--model", MODEL, "--date", DATE)

pytestmark = pytest.mark.usefixtures("deployed")


def answered(home, *words, exit_code=0):
    outcome = home.invoke(*words, "--json")
    assert outcome.exit_code == exit_code, outcome.errors
    return outcome.data


def pages(home, *words):
    """Each page of the model's operations, two on each."""
    after = ("--after", "0")
    while True:
        page = answered(
            home, "operations", "--model", MODEL, "--limit", "2", *after, *words
        )
        yield page["operations"]
        if page["next"] is None:
            return
        after = ("--after", str(page["next"]))


def findings(home, exit_code):
    """What a pass finds about the model, whatever others left behind."""
    found = answered(home, "reconcile", exit_code=exit_code)["findings"]
    return [one for one in found if one["model"] == MODEL]


def test_the_ledger_is_paged_from_new_to_old_and_each_line_says_how_it_stands(home):
    lines = [line for page in pages(home) for line in page]

    ids = [line["id"] for line in lines]
    assert ids == sorted(set(ids), reverse=True)
    assert {line["model"] for line in lines} == {MODEL}
    assert {line["state"] for line in lines} <= set(CHARTS["operation"].names)
    calls = {line["call"] for line in lines}
    assert {"CreateProcessingJob", "CreateTrainingJob", "CreateEndpoint"} <= calls
    [endpoint] = [line for line in lines if line["call"] == "CreateEndpoint"]
    assert (endpoint["name"], endpoint["observed"]) == (ENDPOINT, "InService")


def test_a_list_of_one_state_is_a_table_with_the_way_to_older_ones(home):
    words = ("operations", "--model", MODEL, "--state", "succeeded", "--limit", "1")

    shown = home.invoke(*words).output

    assert "succeeded" in shown
    assert "Older ones: --after" in shown
    words = ("operations", "--model", MODEL, "--state", "unfinished")
    assert home.invoke(*words).output.strip() == "No such operation"


def test_a_plan_of_what_serves_changes_nothing_and_names_what_an_override_would(home):
    before = answered(home, *PLAN)
    shown = home.invoke(*PLAN)
    why = ("--reason", "the sale", "--expires", "1d")
    answered(home, "config.set", MODEL, "endpoint.instance_count=3", *why)
    after = answered(home, *PLAN)
    answered(home, "config.unset", MODEL, "endpoint.instance_count")

    assert (before["changes"], before["changed_by_hand"]) == ([], [])
    assert before["version"] == before["serving"]
    assert set(before["steps"].values()) == {"cached"}
    assert f"Nothing would change: {MODEL} version" in shown.output
    count = "ProductionVariants[0].InitialInstanceCount"
    changes = {change["field"]: change for change in after["changes"]}
    assert (changes[count]["before"], changes[count]["after"]) == (1, 3)
    assert "the sale" in changes[count]["by"]
    assert answered(home, *PLAN) == before


@pytest.fixture
def by_hand(home):
    """Let the endpoint serve a config that somebody made; put it right in the end."""
    sagemaker = home.client("sagemaker")

    def update(config):
        if serves(config):
            return
        sagemaker.update_endpoint(EndpointName=ENDPOINT, EndpointConfigName=config)
        wait_until(lambda: serves(config), seconds=120)

    def serves(config):
        seen = sagemaker.describe_endpoint(EndpointName=ENDPOINT)
        found = seen["EndpointStatus"], seen["EndpointConfigName"]
        return found == ("InService", config)

    ours = sagemaker.describe_endpoint(EndpointName=ENDPOINT)["EndpointConfigName"]
    variants = sagemaker.describe_endpoint_config(EndpointConfigName=ours)
    sagemaker.create_endpoint_config(
        EndpointConfigName="by-hand", ProductionVariants=variants["ProductionVariants"]
    )
    update("by-hand")
    yield lambda: update(ours)
    update(ours)
    sagemaker.delete_endpoint_config(EndpointConfigName="by-hand")


def test_a_plan_with_a_parameter_that_the_script_does_not_have_is_refused(home):
    outcome = home.invoke(*PLAN, "--param", "a=1")

    assert outcome.exit_code == 2, outcome.errors
    assert "'a'" in outcome.errors.splitlines()[-1]


def test_what_somebody_changed_by_hand_is_found_planned_and_then_forgotten(
    home, by_hand
):
    first, second = findings(home, 1), findings(home, 1)
    shown = home.invoke("reconcile")
    planned = answered(home, *PLAN)["changed_by_hand"]
    told = home.invoke(*PLAN).output
    by_hand()

    [found], [known] = first, second
    assert (found["kind"], found["name"], found["new"]) == ("drift", ENDPOINT, True)
    assert known["new"] is False
    assert "serves the config 'by-hand'" in found["message"]
    assert shown.exit_code == 1
    assert "What to do: invoke plan" in shown.output
    [change] = [one for one in planned if one["field"] == "EndpointConfigName"]
    assert (change["after"], change["by"]) == ("by-hand", "by hand")
    assert "Changed by hand since the last deployment:" in told
    outcome = home.invoke("reconcile", "--json")
    assert MODEL not in {one["model"] for one in outcome.data["findings"]}
