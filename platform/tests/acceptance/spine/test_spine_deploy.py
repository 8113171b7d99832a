import sqlite3

import orjson
import pytest

MODEL, DATE = "tumor_malignancy", "2026-01-31"
ENDPOINT = "local-tumor-malignancy"
STEPS = ["extract", "quality", "preprocess", "train", "evaluate", "register", "deploy"]


def jobs(home):
    """The names of the example model's jobs."""
    sagemaker, part = home.client("sagemaker"), MODEL.replace("_", "-")
    training = sagemaker.list_training_jobs(NameContains=part, MaxResults=100)
    processing = sagemaker.list_processing_jobs(NameContains=part, MaxResults=100)
    return sorted(
        [job["TrainingJobName"] for job in training["TrainingJobSummaries"]]
        + [job["ProcessingJobName"] for job in processing["ProcessingJobSummaries"]]
    )


def test_one_command_takes_a_sql_script_to_a_verified_endpoint(deployed):
    assert [step["name"] for step in deployed["steps"]] == STEPS
    assert {step["outcome"] for step in deployed["steps"]} == {"succeeded"}


def test_the_endpoint_says_which_version_answered_and_keeps_the_transaction_id(
    home, deployed
):
    asked = home.invoke(
        "predict", "--model", MODEL, "--inference-id", "case-7", "--json"
    )

    answer = asked.data
    assert answer["transaction_id"] == "case-7"
    assert answer["model"]["name"] == MODEL
    assert answer["model"]["version"] == "1"
    digest = deployed["steps"][3]["outputs"]["artifact_digest"]
    assert answer["model"]["artifact_digest"] == digest
    request = orjson.loads(
        (home.root / "models" / MODEL / "fixtures" / "request.json").read_bytes()
    )
    assert (
        len(answer["predictions"]) == len(answer["inputs"]) == len(request["instances"])
    )


def test_boto3_describes_each_job_and_the_endpoint(home, deployed):
    sagemaker = home.client("sagemaker")
    names = jobs(home)

    assert len(names) == 3
    for name in names:
        if "-train-" in name:
            job = sagemaker.describe_training_job(TrainingJobName=name)
            assert job["TrainingJobStatus"] == "Completed"
            measured = {m["MetricName"] for m in job["FinalMetricDataList"]}
            assert measured == {"roc_auc", "recall"}
        else:
            job = sagemaker.describe_processing_job(ProcessingJobName=name)
            assert job["ProcessingJobStatus"] == "Completed"
    endpoint = sagemaker.describe_endpoint(EndpointName=ENDPOINT)
    assert endpoint["EndpointStatus"] == "InService"
    rollout = deployed["steps"][-1]["outputs"]
    assert endpoint["EndpointConfigName"] == rollout["endpoint_config_name"]


def history(home):
    """How many changes of a state were ever recorded."""
    with sqlite3.connect(home.state / "local" / "controller.db") as database:
        return database.execute("SELECT count(*) FROM transition").fetchone()[0]


def test_the_same_command_again_finds_everything_done(home, deployed):
    before = jobs(home), history(home)

    again = home.invoke("deploy", "--model", MODEL, "--date", DATE, "--json")

    assert again.data["run_id"] == deployed["run_id"]
    assert {step["outcome"] for step in again.data["steps"]} == {"cached"}
    assert (jobs(home), history(home)) == before


def test_two_commands_at_once_end_with_one_job_a_step(home, model):
    model("at_once")
    words = ("deploy", "--model", "at_once", "--date", DATE)

    both = [home.start(*words), home.start(*words)]
    errors = [command.communicate(timeout=300)[1] for command in both]

    assert [command.returncode for command in both] == [0, 0], errors
    found = home.client("sagemaker").list_training_jobs(NameContains="at-once")
    assert len(found["TrainingJobSummaries"]) == 1


def test_a_training_of_the_same_rows_makes_the_same_version(home, model):
    model("forced_twin")
    words = ("run", "--model", "forced_twin", "--date", DATE, "--json")

    first, forced = home.invoke(*words).data, home.invoke(*words, "--force").data

    assert {step["outcome"] for step in forced["steps"]} == {"succeeded"}
    assert first["steps"][-1]["outputs"] == forced["steps"][-1]["outputs"]


def test_an_edit_of_the_model_class_trains_again_and_extracts_nothing(home, model):
    folder = model("tumor_twin")
    first = home.invoke("run", "--model", "tumor_twin", "--date", DATE, "--json").data
    gates = folder / "model.yaml"
    gates.write_text(gates.read_text().replace("min: 0.95", "min: 0.94"))
    third = home.invoke("run", "--model", "tumor_twin", "--date", DATE, "--json").data
    path = folder / "model.py"
    path.write_text(path.read_text() + "\n# edited\n")

    second = home.invoke("run", "--model", "tumor_twin", "--date", DATE, "--json").data

    assert len({run["run_id"] for run in (first, second, third)}) == 3
    outcomes = {step["name"]: step["outcome"] for step in third["steps"]}
    assert outcomes["train"] == "cached"
    assert outcomes["evaluate"] == "succeeded"
    outcomes = {step["name"]: step["outcome"] for step in second["steps"]}
    assert outcomes["extract"] == outcomes["preprocess"] == "cached"
    assert outcomes["train"] == "succeeded"


@pytest.mark.usefixtures("deployed")
def test_status_and_logs_tell_what_was_done(home):
    seen = home.invoke("status", "--model", MODEL, "--json").data["models"][MODEL]
    logs = home.invoke("logs", "--model", MODEL, "--step", "train", "--json").data

    assert seen["live_version"] == 1
    assert seen["endpoint"] == {"name": ENDPOINT, "status": "InService"}
    assert seen["runs"][0]["state"] == "succeeded"
    assert seen["versions"][0]["lineage"]["parameters"] == {"as_of": DATE}
    [lines] = logs["logs"].values()
    assert any("roc_auc=" in line for line in lines)


def test_a_generated_model_deploys_and_answers_before_anybody_edits_it(home):
    made = home.invoke("new", "base_rate_check", "--owner", "team@example.com")
    assert made.exit_code == 0, made.errors

    deploy = home.invoke("deploy", "--model", "base_rate_check", "--date", DATE)
    asked = home.invoke("predict", "--model", "base_rate_check", "--json")

    assert deploy.exit_code == 0, deploy.errors
    assert asked.data["model"]["name"] == "base_rate_check"
    scores = {row["score"] for row in asked.data["predictions"]}
    assert len(scores) == 1
