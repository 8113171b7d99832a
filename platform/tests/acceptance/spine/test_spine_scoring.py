import io
from urllib.parse import urlsplit

import orjson
import pyarrow.parquet as pq
import pytest

MODEL, DATE = "tumor_scores", "2026-01-31"
STEPS = ["extract", "quality", "preprocess", "transform", "publish"]


@pytest.fixture
def scores(home, model):
    """Score the copied model's rows; make and deploy the copy where it is not yet."""
    if not (home.root / "models" / MODEL).exists():
        model(MODEL)
    served = home.invoke("deploy", "--model", MODEL, "--date", DATE, "--json")
    assert served.exit_code == 0, served.errors

    def ask(*words):
        return home.invoke("score", "--model", MODEL, "--date", DATE, "--json", *words)

    return ask


def published(home, uri):
    """The rows below a prefix, and the manifest beside them."""
    s3, place = home.client("s3"), urlsplit(uri)
    bucket, prefix = place.netloc, place.path.lstrip("/")
    found = s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]
    bodies = {
        item["Key"].removeprefix(prefix): s3.get_object(Bucket=bucket, Key=item["Key"])[
            "Body"
        ].read()
        for item in found
    }
    manifest = orjson.loads(bodies.pop("manifest.json"))
    assert sorted(bodies) == sorted(manifest["files"])
    rows = [
        row
        for name in sorted(bodies)
        for row in pq.read_table(io.BytesIO(bodies[name])).to_pylist()
    ]
    return rows, manifest


def lines_of(home, uri):
    s3, place = home.client("s3"), urlsplit(uri)
    key = place.path.lstrip("/") + "lines/part-00000.jsonl"
    return s3.get_object(Bucket=place.netloc, Key=key)["Body"].read()


def test_a_batch_is_scored_as_the_endpoint_answers_and_each_row_can_be_traced(
    home, scores
):
    outcome = scores()
    assert outcome.exit_code == 0, outcome.errors
    steps = {step["name"]: step for step in outcome.data["steps"]}
    assert list(steps) == STEPS
    rows, manifest = published(home, steps["publish"]["outputs"]["uri"])

    asked = lines_of(home, steps["preprocess"]["outputs"]["uri"])
    answer = home.client("sagemaker-runtime").invoke_endpoint(
        EndpointName="local-tumor-scores",
        Body=asked,
        ContentType="application/jsonlines",
    )
    answers = [orjson.loads(line) for line in answer["Body"].read().splitlines()]
    assert len(rows) == len(answers) == manifest["rows"] == 569
    assert [(row["prediction"], row["score"]) for row in rows] == [
        (row["prediction"], row["score"]) for row in answers
    ]
    run_id = outcome.data["run_id"]
    assert [row["transaction_id"] for row in rows] == [
        f"{run_id}:{number}" for number in range(569)
    ]
    assert {row["model_version"] for row in rows} == {"1"}
    assert len({row["patient_id"] for row in rows}) == 569


def test_the_same_batch_again_is_found_published(scores):
    first = scores()
    again = scores()

    assert again.exit_code == 0, again.errors
    assert {step["outcome"] for step in again.data["steps"]} == {"cached"}
    assert again.data["run_id"] == first.data["run_id"]


def test_a_version_that_does_not_exist_scores_nothing(scores):
    outcome = scores("--version", "9")

    assert outcome.exit_code == 2
    assert f"{MODEL} has no version 9. Known: 1" in outcome.errors


def test_a_model_without_a_version_says_how_to_get_one(home, model):
    if not (home.root / "models" / "never_trained").exists():
        model("never_trained")

    outcome = home.invoke("score", "--model", "never_trained", "--date", DATE)

    assert outcome.exit_code == 2
    assert "has no version to score with. Train one: invoke run" in outcome.errors
