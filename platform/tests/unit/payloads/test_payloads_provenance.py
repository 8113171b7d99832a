import pytest

from slipway.payloads.fields import FIELDS, spec_layer, values_of
from slipway.payloads.files import environment_layer, model_layer, platform_layer
from slipway.payloads.layers import RUN, Layer, Source, resolve
from slipway.settings import load_settings
from slipway.spec import ModelSpec, load_spec

MODEL = """\
name: churn
owner: o
description: d
key: id
target: y
columns:
  id: {type: integer}
  y: {type: integer}
hyperparameters:
  depth: 3
instances:
  train: ml.c5.2xlarge
gates:
  recall: {min: 0.5}
"""
ENVIRONMENT = """\
name: test
account: "000000000000"
region: eu-west-1
role_arn: arn:aws:iam::000000000000:role/r
bucket: slipway-test
registry: r
database_url: sqlite://
warehouse: {kind: lake}
payloads:
  CreateTrainingJob:
    EnableNetworkIsolation: false
    ResourceConfig:
      VolumeSizeInGB: 50
"""


def by(name):
    return lambda _place: Source(name)


@pytest.fixture
def stacked(tmp_path, monkeypatch):
    """The three layers of files for a training, as somebody at the root sees them."""
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("platform/environments/test.yaml", ENVIRONMENT),
        ("models/churn/model.yaml", MODEL),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    settings = load_settings(tmp_path, "test", {})
    folder = (tmp_path / "models" / "churn").relative_to(tmp_path)
    return (
        platform_layer(),
        environment_layer(settings),
        model_layer(load_spec(folder), folder, "train"),
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("HyperParameters.depth", "models/churn/model.yaml:10"),
        ("ResourceConfig.InstanceType", "models/churn/model.yaml:12"),
        ("AlgorithmSpecification.MetricDefinitions", "models/churn/model.yaml:13"),
        ("ResourceConfig.VolumeSizeInGB", "platform/environments/test.yaml:13"),
        ("EnableNetworkIsolation", "platform/environments/test.yaml:11"),
        ("RoleArn", "platform/environments/test.yaml:4"),
        ("TrainingJobName", "run"),
    ],
)
def test_each_value_knows_the_file_and_the_line_that_set_it(stacked, path, said):
    made = resolve("CreateTrainingJob", stacked, {"TrainingJobName": "a"})

    assert str(made.provenance[path]) == said


def test_a_default_is_told_with_its_line_in_the_platforms_file(stacked):
    made = resolve("CreateTrainingJob", stacked, {})

    source = made.provenance["ResourceConfig.InstanceCount"]
    assert source.name.endswith("payloads/defaults.yaml")
    assert source.line > 1


def test_what_model_yaml_does_not_say_is_left_to_the_layers_below(stacked):
    assert stacked[2].values.keys() == {"CreateTrainingJob"}
    assert stacked[2].values["CreateTrainingJob"]["ResourceConfig"] == {
        "InstanceType": "ml.c5.2xlarge"
    }


def test_the_platforms_defaults_are_those_that_model_yaml_documents():
    columns = {"id": {"type": "integer"}, "y": {"type": "integer"}}
    given = {"name": "churn", "owner": "o", "description": "d", "columns": columns}
    spec = ModelSpec.model_validate({**given, "key": "id", "target": "y"})
    said = spec.model_dump(mode="json", include={"instances", "endpoint"})
    written = ModelSpec.model_validate({**given, "key": "id", "target": "y", **said})

    for field in FIELDS:
        layer = spec_layer(values_of(written), field.step, Source)
        for operation in layer.values:
            below = resolve(operation, (platform_layer(),), {}).payload
            assert resolve(operation, (platform_layer(), layer), {}).payload == below


def test_a_later_layer_wins_and_an_earlier_one_is_not_changed():
    below = Layer({"X": {"a": {"b": 1, "c": [1]}}}, by("below"))
    above = Layer({"X": {"a": {"b": 2}}}, by("above"))

    made = resolve("X", (below, above), {"d": 3})

    assert made.payload == {"a": {"b": 2, "c": [1]}, "d": 3}
    assert made.provenance == {
        "a.b": Source("above"),
        "a.c": Source("below"),
        "d": RUN,
    }
    assert below.values["X"]["a"]["b"] == 1


def test_a_value_that_takes_the_place_of_a_mapping_leaves_no_source_of_it():
    below = Layer({"X": {"a": {"b": 1}}}, by("below"))
    above = Layer({"X": {"a": [2]}}, by("above"))

    assert resolve("X", (below, above), {}).provenance == {"a": Source("above")}


def test_a_source_is_told_in_one_line():
    assert str(Source("models/churn/model.yaml", 7)) == "models/churn/model.yaml:7"
    assert str(Source("override 3", note="ada: load test")) == (
        "override 3 (ada: load test)"
    )
