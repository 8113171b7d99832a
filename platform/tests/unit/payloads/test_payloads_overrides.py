import pytest

from slipway.payloads.layers import Layer, Source, resolve
from slipway.payloads.overrides import Override

BY = Source("override 3", note="ada: a try; until 2026-12-24T00:00:00Z")
BELOW = Layer(
    {
        "CreateTrainingJob": {
            "ResourceConfig": {"InstanceType": "a", "InstanceCount": 1}
        }
    },
    lambda _place: Source("defaults.yaml", 3),
)


@pytest.mark.parametrize(
    ("key", "value", "path", "sent"),
    [
        ("instances.train", "ml.m5.large", "ResourceConfig.InstanceType", None),
        ("hyperparameters.depth", 4, "HyperParameters.depth", "4"),
        ("hyperparameters.shuffle", False, "HyperParameters.shuffle", "false"),
        (
            "CreateTrainingJob.StoppingCondition.MaxRuntimeInSeconds",
            60,
            "StoppingCondition.MaxRuntimeInSeconds",
            None,
        ),
    ],
)
def test_an_override_is_laid_where_its_key_goes(key, value, path, sent):
    layer = Override(key, value, BY).layer("train")
    made = resolve("CreateTrainingJob", (BELOW, layer), {})

    outer, inner = path.split(".")
    assert made.payload[outer][inner] == (value if sent is None else sent)
    assert made.provenance[path] == BY
    assert made.payload["ResourceConfig"]["InstanceCount"] == 1


def test_an_override_of_one_step_leaves_the_others_alone():
    assert Override("instances.train", "a", BY).layer("extract").values == {}


def test_a_run_keeps_an_override_as_it_was():
    override = Override("instances.train", "ml.m5.large", BY)

    assert Override.of_dict(override.as_dict()) == override
