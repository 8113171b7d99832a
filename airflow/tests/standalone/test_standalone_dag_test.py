"""`dag.test()` in Airflow's own environment, against the controller's API."""

import json
from pathlib import Path

import pytest
from standalone_checkout import EXAMPLE, GONE, HELD, changed_spec, run_in, said

from slipway.application.airflow_environment import airflow_environment
from slipway.application.airflow_place import AirflowPlace
from slipway.testing.checkout import free_port

DATE = "2025-06-30T00:00:00+00:00"
STEPS = [
    *("extract", "quality", "preprocess"),
    *("train", "evaluate", "register", "deploy"),
]
#: What somebody got wrong: the model, the config, and what `open_run` says of it.
WRONG = {
    "no controller answers": (EXAMPLE, {}, "cannot be reached"),
    "the token is refused": (EXAMPLE, {}, "refused the token of the connection"),
    "the model is unknown": (GONE, {}, f"'{GONE}'"),
    "the version is unknown": (EXAMPLE, {"version": 99}, "no version 99"),
    "a parameter is out of range": (
        EXAMPLE,
        {"parameters": {"as_of": "2026-02-30"}},
        "2026-02-30",
    ),
    "the spec has changed": (HELD, {}, "invoke dag.render"),
}


@pytest.fixture(scope="module")
def dag_test(home, tmp_path_factory):
    """Run DAGs one after the other, in an Airflow that nothing else is part of."""
    folder = tmp_path_factory.mktemp("dag_test")
    source = home.root / "airflow"
    place = AirflowPlace(
        home=folder,
        source=source,
        environment=airflow_environment(source, home.state / "airflow", lambda _: None),
        port=free_port(),
        controller_url=said(home.invoke("controller.up", "--json"))["url"],
        controller_token=secret(home, "dag-test"),
    )
    tool = place.environment / "bin" / "airflow"
    run_in(place.environment, tool, ["db", "migrate"], place.variables())

    def run(*asked):
        file, answers = folder / "asked.json", folder / "answers.json"
        known = place.variables()["AIRFLOW_CONN_SLIPWAY"]
        usual = {"only": [], "date": DATE, "config": {}, "connection": known}
        file.write_text(json.dumps([{**usual, **each} for each in asked]))
        program = Path(__file__).with_name("dag_test_program.py")
        arguments = [str(file), str(answers)]
        run_in(place.environment, program, arguments, place.variables())
        return json.loads(answers.read_text())

    return run


def secret(home, name):
    words = ("token.create", "--role", "operator", "--name", name, "--json")
    return said(home.invoke(*words))["secret"]


def test_a_dag_takes_the_example_from_its_script_to_an_endpoint_that_answers(
    home, dag_test
):
    (ran,) = dag_test({"dag": f"{EXAMPLE}_training"})
    answer = said(home.invoke("predict", "--model", EXAMPLE, "--json"))

    assert ran["tasks"] == dict.fromkeys(["open_run", *STEPS], "success")
    assert answer["model"]["version"] == "1"


@pytest.fixture(scope="module")
def refusals(home, dag_test):
    """How each DAG run ended for which somebody got something wrong."""
    url = said(home.invoke("controller.up", "--json"))["url"]
    port = int(url.rpartition(":")[2])
    place = {"conn_type": "http", "schema": "http", "host": "127.0.0.1"}
    nobody = {"port": free_port(), "password": "x"}
    connections = {
        "no controller answers": json.dumps({**place, **nobody}),
        "the token is refused": json.dumps({**place, "port": port, "password": "x"}),
    }
    asked = []
    for number, (what, (model, config, _says)) in enumerate(WRONG.items()):
        each = {"dag": f"{model}_training", "only": ["open_run"], "config": config}
        each["date"] = f"2026-01-{number + 1:02d}T00:00:00+00:00"
        if what in connections:
            each["connection"] = connections[what]
        asked.append(each)
    with changed_spec(home, HELD):
        return dict(zip(WRONG, dag_test(*asked), strict=True))


@pytest.mark.parametrize("what", WRONG)
def test_what_somebody_got_wrong_fails_the_first_task_in_one_line(refusals, what):
    ended, (_model, _config, says) = refusals[what], WRONG[what]
    message = ended["failures"]["open_run"]

    assert says in message
    assert len(message.splitlines()) == 1
    assert ended["tasks"] == {"open_run": "failed"}
