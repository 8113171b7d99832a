import datetime as dt

import pytest

from slipway.errors import InvalidRequestError
from slipway.sagemaker.service_model import service_model
from slipway.sagemaker.shapes import java_pattern, summary, violations

ROLE = "arn:aws:iam::000000000000:role/slipway"
TRAINING = {
    "TrainingJobName": "a",
    "AlgorithmSpecification": {"TrainingImage": "x", "TrainingInputMode": "File"},
    "RoleArn": ROLE,
    "OutputDataConfig": {"S3OutputPath": "s3://bucket/out"},
}


def found(operation, payload, service="sagemaker"):
    return [(each.path, each.what) for each in violations(service, operation, payload)]


def test_a_right_payload_has_no_violation():
    assert violations("sagemaker", "CreateTrainingJob", TRAINING) == []


@pytest.mark.parametrize(
    ("change", "violation"),
    [
        ({"TrainingJobName": None}, ("trainingJobName", "required")),
        ({"TrainingJobName": 1}, ("trainingJobName", "type")),
        ({"TrainingJobName": "a_b"}, ("trainingJobName", "pattern")),
        ({"TrainingJobName": "a\n"}, ("trainingJobName", "pattern")),
        ({"Nonsense": 1}, ("nonsense", "unknown")),
        ({"EnableNetworkIsolation": "yes"}, ("enableNetworkIsolation", "type")),
        ({"HyperParameters": {"a": 1}}, ("hyperParameters.a.member", "type")),
        ({"HyperParameters": []}, ("hyperParameters", "type")),
        ({"InputDataConfig": []}, ("inputDataConfig", "length")),
        ({"Tags": [{"Key": "k"}]}, ("tags.1.member.value", "required")),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 0}},
            ("stoppingCondition.maxRuntimeInSeconds", "value"),
        ),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": True}},
            ("stoppingCondition.maxRuntimeInSeconds", "type"),
        ),
        (
            {"AlgorithmSpecification": {"TrainingInputMode": "Fle"}},
            ("algorithmSpecification.trainingInputMode", "enum"),
        ),
    ],
)
def test_each_rule_of_the_model_is_checked(change, violation):
    assert found("CreateTrainingJob", {**TRAINING, **change}) == [violation]


def test_names_have_at_most_63_characters():
    payload = {**TRAINING, "TrainingJobName": "a" * 64}

    whats = {what for _, what in found("CreateTrainingJob", payload)}

    assert whats == {"length", "pattern"}


def test_the_message_is_in_awss_words():
    payload = {**TRAINING, "TrainingJobName": "a b", "RoleArn": None}

    message = summary(violations("sagemaker", "CreateTrainingJob", payload))

    assert message == (
        "2 validation errors detected: Value null at 'roleArn' failed to satisfy "
        "constraint: Member must not be null; Value 'a b' at 'trainingJobName' failed "
        "to satisfy constraint: Member must satisfy regular expression pattern: "
        "[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


def test_moments_are_taken_as_python_and_as_json_writes_them():
    for moment in (dt.datetime.now(dt.UTC), 1.5, 1, "2026-01-31T00:00:00Z"):
        assert found("ListTrainingJobs", {"CreationTimeAfter": moment}) == []


def test_an_operation_that_takes_nothing_refuses_members():
    assert found("GetAccountSummary", {}, "iam") == []
    assert found("GetAccountSummary", {"x": 1}, "iam") == [("x", "unknown")]


def test_an_unknown_operation_is_refused_with_a_suggestion():
    with pytest.raises(InvalidRequestError, match="Did you mean 'CreateTrainingJob'"):
        violations("sagemaker", "CreateTrainingJobs", {})


def test_every_pattern_but_one_compiles():
    model = service_model("sagemaker")
    patterns = {
        model.shape_for(name).metadata.get("pattern") for name in model.shape_names
    }

    broken = [each for each in patterns - {None} if java_pattern(each) is None]

    assert broken == [r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\t]*"]


def test_printable_text_is_what_java_takes_for_it():
    service = "sagemaker-runtime"
    payload = {"EndpointName": "e", "Body": b"", "InferenceId": "ok then"}

    assert found("InvokeEndpoint", payload, service) == []
    bad = {**payload, "InferenceId": "xü"}
    assert found("InvokeEndpoint", bad, service) == [("inferenceId", "pattern")]
