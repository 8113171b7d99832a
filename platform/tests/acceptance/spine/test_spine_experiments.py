import datetime as dt
import xml.etree.ElementTree as ET

import pytest

DATE = "2026-01-31"
NAME = "variants"


def answered(home, *words):
    outcome = home.invoke(*words, "--json")
    assert outcome.exit_code == 0, outcome.errors
    return outcome.data


def refused(home, *words):
    outcome = home.invoke(*words)
    assert outcome.exit_code, outcome.output
    [line] = outcome.errors.splitlines()
    return line


def run(home, *words):
    return home.invoke("run", "--model", NAME, "--date", DATE, "--json", *words)


@pytest.fixture(scope="module")
def tried(home):
    """Three runs of one model at once and in turn: as it is, with fewer iterations, overridden."""
    import shutil

    folder = home.root / "models" / NAME
    shutil.copytree(home.root / "models" / "tumor_malignancy", folder)
    for path in folder.rglob("*"):
        if path.is_file() and path.suffix in {".py", ".yaml", ".toml"}:
            path.write_text(path.read_text().replace("tumor_malignancy", NAME))
    words = ("run", "--model", NAME, "--date", DATE, "--json")
    both = [
        home.start(*words, "--tag", "usual"),
        home.start(*words, "--tag", "fewer", "--set", "train.max_iterations=2"),
    ]
    said = [command.communicate(timeout=600) for command in both]
    assert [command.returncode for command in both] == [0, 0], said
    why = ("--reason", "a try", "--expires", "1d")
    answered(home, "config.set", NAME, "train.inverse_penalty=0.125", *why)
    overridden = run(home, "--tag", "overridden")
    answered(home, "config.unset", NAME, "train.inverse_penalty")
    assert overridden.exit_code == 0, overridden.errors
    return home


def test_variants_are_compared_by_their_tags(tried):
    words = ("--tag", "usual", "--tag", "fewer", "--tag", "overridden")
    usual, fewer, overridden = answered(tried, "compare", "--model", NAME, *words)[
        "runs"
    ]

    assert usual["hyperparameters"]["max_iterations"] == 1000
    assert fewer["hyperparameters"]["max_iterations"] == 2
    assert fewer["overrides"] == {"train.max_iterations": 2}
    assert overridden["overrides"] == {"train.inverse_penalty": 0.125}
    assert {one["verdict"] for one in (usual, fewer, overridden)} == {"succeeded"}
    assert usual["metrics"]["log_loss"] != fewer["metrics"]["log_loss"]
    by_id = ("--run", usual["run_id"], "--run", fewer["run_id"])
    assert answered(tried, "compare", "--model", NAME, *by_id)["runs"] == [usual, fewer]


def test_a_job_was_given_what_the_variant_set(tried):
    found = tried.client("sagemaker").list_training_jobs(NameContains=NAME)
    given = [
        tried.client("sagemaker").describe_training_job(
            TrainingJobName=job["TrainingJobName"]
        )["HyperParameters"]
        for job in found["TrainingJobSummaries"]
    ]

    assert sorted(one["max_iterations"] for one in given) == ["1000", "1000", "2"]
    assert sorted(one["inverse_penalty"] for one in given) == ["0.125", "0.5", "0.5"]


def test_what_the_variants_share_was_done_once_though_two_ran_at_once(tried):
    found = tried.client("sagemaker").list_processing_jobs(NameContains=NAME)
    names = [job["ProcessingJobName"] for job in found["ProcessingJobSummaries"]]

    steps = sorted(
        name.removeprefix(f"local-{NAME}-").partition("-")[0] for name in names
    )
    assert steps == ["extract", "preprocess"]


def test_another_tag_of_the_same_run_is_no_other_run(tried):
    before = answered(
        tried, "compare", "--model", NAME, "--tag", "usual", "--tag", "usual"
    )
    again = run(tried, "--tag", "again")
    after = answered(
        tried, "compare", "--model", NAME, "--tag", "usual", "--tag", "again"
    )

    assert again.data["run_id"] == before["runs"][0]["run_id"]
    assert {one["run_id"] for one in after["runs"]} == {again.data["run_id"]}
    assert after["runs"][0]["tags"] == ["usual", "again"]
    shown = tried.invoke(
        "compare", "--model", NAME, "--tag", "usual", "--tag", "again"
    ).output
    assert "Columns are the same run" in shown


def test_runs_are_counted_with_the_gates_that_rejected_them(tried, tmp_path):
    path = tried.root / "models" / NAME / "model.yaml"
    before = path.read_text()
    path.write_text(
        before.replace("roc_auc: { min: 0.95 }", "roc_auc: { min: 0.9999 }")
    )
    assert run(tried, "--tag", "too-high").exit_code == 1
    path.write_text(before)

    chart = tmp_path / "runs.svg"
    words = ("experiments", "--model", NAME)
    found = answered(tried, *words, "--chart", str(chart))
    shown = tried.invoke(*words).output

    [week] = found["weeks"]
    assert (week["runs"], week["succeeded"], week["rejected"]) == (4, 3, 1)
    assert found["rejected_by"] == {"roc_auc": {"runs": 1, "share": 0.25}}
    assert found["commit_to_verdict"]["commits"] == 0
    assert ET.parse(chart).getroot().tag.endswith("svg")  # noqa: S314 - our own file
    assert "███▒ 4" in shown
    assert "roc_auc rejected 1 of 4 verdicts (25%)" in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "--set", "train.max_iter=5"), "Did you mean 'train.max_iterations'?"),
        (("run", "--set", "train.max_iterations=many"), "must be of type integer"),
        (("run", "--set", "endpoint.instance_count=0"), "greater than or equal to 1"),
        (("run", "--set", "train.max_iterations"), "is not key=value"),
        (("run", "--set", "gates.recall=0.1"), "cannot be overridden"),
        (
            (
                "run",
                "--set",
                "train.max_iterations=5",
                "--set",
                "hyperparameters.max_iterations=6",
            ),
            "--set train.max_iterations is given twice",
        ),
        (("run", "--tag", "Too Big!"), "is not 1 to 64 of"),
        (("run", "--tag", ""), "is not 1 to 64 of"),
        (("compare", "--tag", "usual", "--tag", "fewr"), "Did you mean 'fewer'?"),
        (("compare", "--run", "20260131-0", "--tag", "fewer"), "has no run"),
        (("compare", "--tag", "usual"), "twice or more"),
        (("experiments", "--weeks", "many"), "is not a number"),
        (("experiments", "--weeks", "521"), "is not a number from 1 to 520"),
        (("experiments", "--weeks", "٣"), "is not a number"),
        (("experiments", "--chart", "runs.png"), "is not a file .svg"),
        (("versions", "--version", "99"), "has no version 99"),
        (("versions", "--version", "0"), "version is 0: it must be at least 1"),
        (("serving-at", "--at", "yesterday"), "is not a moment"),
        (("serving-at", "--at", "0001-01-01T00:00+14:00"), "is not a moment"),
        (("serving-at", "--at", "2999-01-01"), "is to come: it is 20"),
        (("approve", "--version", "9", "--reason", "x"), "has no version 9"),
        (("deploy", "--expect-version", "7"), "not version 7 as --expect-version"),
        (("deploy", "--expect-version", "x"), "is not a number"),
        (("deploy", "--expect-version", "9" * 5000), "…' is not a number"),
    ],
)
def test_a_bad_question_about_experiments_is_one_line(tried, words, said):
    command, *options = words

    assert said in refused(tried, command, "--model", NAME, *options)


def test_each_version_tells_its_lineage_and_when_it_served(tried):
    never = answered(tried, "serving-at", "--model", NAME, "--at", "2026-01-01")
    assert (never["version"], never["first_served_at"]) == (None, None)
    found = answered(tried, "versions", "--model", NAME)["versions"]
    lineage = {"code_commit", "image_digest", "data_digest", "sql_digest", "parameters"}
    lineage |= {"hyperparameters", "overrides", "metrics", "artifact_digest"}
    assert all(lineage <= set(version) for version in found)
    assert found[0]["image_digest"].startswith("sha256:")

    deployed = tried.invoke("deploy", "--model", NAME, "--date", DATE, "--json")
    assert deployed.exit_code == 0, deployed.errors
    number = deployed.data["steps"][-1]["outputs"]["version"]
    now = dt.datetime.now(dt.UTC).isoformat()
    served = answered(tried, "serving-at", "--model", NAME, "--at", now)
    before = answered(tried, "serving-at", "--model", NAME, "--at", "2026-01-01")

    assert served["version"] == number
    assert (before["version"], before["first_served_at"]) == (None, served["since"])
    stale = refused(
        tried, "deploy", "--model", NAME, "--expect-version", str(number + 1)
    )
    assert f"version {number} serves {NAME}, not version {number + 1}" in stale
    assert "nothing was changed" in stale
