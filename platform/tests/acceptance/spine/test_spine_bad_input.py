import socket

import pytest

from slipway.testing.checkout import Checkout, checkout

MODEL, DATE = "tumor_malignancy", "2026-01-31"


def refused(home, *words, exit_code=2):
    outcome = home.invoke(*words)
    assert outcome.exit_code == exit_code, outcome.errors
    said = outcome.errors.partition("The last lines of its log:")[0]
    assert "Traceback" not in said
    return outcome.errors


def deploy(home, name, exit_code):
    return refused(home, "deploy", "--model", name, "--date", DATE, exit_code=exit_code)


def steps(home, name):
    run = home.invoke("status", "--model", name, "--json").data["models"][name]["runs"][
        0
    ]
    return run["state"], {step["name"]: step["state"] for step in run["steps"]}


def test_an_unknown_model_gets_a_suggestion(home):
    errors = refused(home, "deploy", "--model", "tumor_malignacy")

    assert "Did you mean 'tumor_malignancy'?" in errors


def test_no_model_gets_the_names_of_all(home):
    assert MODEL in refused(home, "deploy")


def test_json_tells_the_error_to_machines_too(home):
    outcome = home.invoke("deploy", "--model", "nobody", "--json")

    assert outcome.data["error"]["code"] == "unknown_model"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--date", "31.01.2026"), "is not a date such as 2026-01-31"),
        (("--param", "as_of"), "is not name=value"),
        (("--param", "asof=2026-01-01"), "Did you mean 'as_of'?"),
        (("--param", "as_of=soon"), "must be of type date, not 'soon'"),
        (("--env", "stagin"), "Did you mean 'staging'?"),
    ],
)
def test_a_bad_option_is_named(home, words, said):
    assert said in refused(home, "deploy", "--model", MODEL, *words)


@pytest.mark.parametrize(
    ("name", "edits", "said"),
    [
        (
            "bad_yaml",
            {"model_yaml": ("key: patient_id", "key: [patient_id")},
            "models/bad_yaml/model.yaml:",
        ),
        (
            "bad_key",
            {"model_yaml": ("gates:", "gatse:")},
            "Did you mean 'gates'?",
        ),
        (
            "two_statements",
            {"extract_sql": ("WITH diagnosis", "SELECT 1; WITH diagnosis")},
            "one SELECT",
        ),
        (
            "bad_parameter",
            {"extract_sql": ("diagnosed_at <= :as_of", "diagnosed_at <= :asof")},
            "Did you mean 'as_of'?",
        ),
        (
            "bad_table",
            {"extract_sql": ("FROM measurements", "FROM measurement_log")},
            "'measurement_log'",
        ),
        (
            "bad_instance",
            {"model_yaml": ("serve: ml.m5.large", "serve: ml.m5.lrge")},
            "Did you mean 'ml.m5.large'?",
        ),
        (
            "bad_schedule",
            {"model_yaml": ('schedule: "0 5 1 * *"', 'schedule: "99 5 1 * *"')},
            "'99' is no minute",
        ),
        (
            "batch_mode",
            {"model_yaml": ("mode: endpoint", "mode: batch")},
            "only endpoint can be deployed yet",
        ),
        (
            "bad_python",
            {"model_py": ("class Model:", "class Model")},
            "bad_python/model.py:",
        ),
    ],
)
def test_a_bad_folder_is_refused_before_any_job(home, model, name, edits, said):
    model(name, **edits)

    errors = deploy(home, name, exit_code=2)

    assert said in errors


@pytest.mark.parametrize("file", ["extract.sql", "serve.py", "fixtures/request.json"])
def test_a_file_that_is_missing_is_named_before_anything_is_built(home, model, file):
    name = f"lacks_{file.split('/')[-1].split('.')[0]}"
    (model(name) / file).unlink()

    assert f"{file} is missing" in deploy(home, name, exit_code=2)


def test_dml_is_refused(home, model):
    folder = model("deletes_rows")
    (folder / "extract.sql").write_text("DELETE FROM diagnoses WHERE :as_of IS NULL")

    assert "one SELECT" in deploy(home, "deletes_rows", exit_code=2)


@pytest.mark.parametrize(
    ("name", "edits"),
    [
        (
            "missing_column",
            {"extract_sql": ("    measurement.mean_radius,\n", "")},
        ),
        (
            "wrong_type",
            {
                "model_yaml": (
                    "mean_radius: { type: number, range: [0, 40] }",
                    "mean_radius: { type: date }",
                )
            },
        ),
    ],
)
def test_an_extract_of_the_wrong_shape_fails_with_the_columns_name(
    home, model, name, edits
):
    model(name, **edits)

    assert "mean_radius" in deploy(home, name, exit_code=1)
    assert steps(home, name)[1] == {"extract": "failed"}


def test_data_out_of_its_expectation_stops_the_run_before_training(home, model):
    model(
        "out_of_range",
        model_yaml=(
            "mean_radius: { type: number, range: [0, 40] }",
            "mean_radius: { type: number, range: [0, 20] }",
        ),
    )

    errors = deploy(home, "out_of_range", exit_code=1)

    assert "mean_radius: range" in errors
    assert "rows do not fit, for example" in errors
    state, seen = steps(home, "out_of_range")
    assert state == "rejected"
    assert seen == {"extract": "succeeded", "quality": "rejected"}


def test_a_model_class_without_a_method_is_told_which(home, model):
    model("no_predict", model_py=("def predict(", "def foresee("))

    assert "predict" in deploy(home, "no_predict", exit_code=1)


def test_a_training_that_raises_shows_its_reason_and_its_last_lines(home, model):
    model(
        "raises",
        model_py=(
            "self.pipeline = make_pipeline(",
            "raise RuntimeError('the sky fell')\n        self.pipeline = make_pipeline(",
        ),
    )

    errors = deploy(home, "raises", exit_code=1)

    assert "AlgorithmError" in errors
    assert "the sky fell" in errors
    assert "The last lines of its log:" in errors
    assert steps(home, "raises")[1]["train"] == "failed"


def test_a_gate_that_is_not_met_leaves_the_live_version_serving(home, model):
    folder = model("gated")
    first = home.invoke("deploy", "--model", "gated", "--date", DATE)
    assert first.exit_code == 0, first.errors
    path = folder / "model.yaml"
    path.write_text(
        path.read_text()
        .replace("roc_auc: { min: 0.95 }", "roc_auc: { min: 0.9999 }")
        .replace("inverse_penalty: 0.5", "inverse_penalty: 0.25")
    )

    errors = deploy(home, "gated", exit_code=1)

    assert "the gate asks for at least 0.9999" in errors
    assert steps(home, "gated")[0] == "rejected"
    answer = home.invoke("predict", "--model", "gated", "--json").data
    assert answer["model"]["version"] == "1"


@pytest.mark.usefixtures("deployed")
def test_a_question_that_the_model_cannot_answer_names_row_and_column(home, tmp_path):
    question = tmp_path / "question.json"
    question.write_text('{"instances": [{"mean_radius": "wide"}]}')

    errors = refused(
        home, "predict", "--model", MODEL, "--data", str(question), exit_code=1
    )

    assert "Row 0 lacks the column 'mean_texture'" in errors


def test_a_port_that_is_taken_is_told_and_nothing_is_started(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        other = Checkout(home.root, port, "process")

        errors = refused(other, "local.up", exit_code=1)

    assert str(port) in errors
    assert "SLIPWAY_PORT" in errors


def test_containers_without_a_daemon_are_an_error_that_says_what_next(
    home, tmp_path, monkeypatch
):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")

    with checkout(tmp_path / "checkout", home.root, "docker") as other:
        errors = refused(other, "build", "--model", MODEL, exit_code=1)

    assert "Docker" in errors
