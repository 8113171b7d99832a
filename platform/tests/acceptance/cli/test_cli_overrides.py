import pytest

MODEL = "tumor_malignancy"
WHY = ("--reason", "a try", "--expires", "7d")

pytestmark = pytest.mark.xdist_group("cli_overrides")


def answered(home, *words):
    outcome = home.invoke(*words, "--json")
    assert outcome.exit_code == 0, outcome.errors
    return outcome.data


def set_(home, setting):
    return answered(home, "config.set", MODEL, setting, *WHY)


def active(home):
    found = answered(home, "config.list", MODEL)["overrides"]
    return {one["key"]: one["value"] for one in found}


def explained(home, step):
    payloads = answered(home, "explain", "--model", MODEL, "--step", step)["payloads"]
    return {
        one["field"]: (one["value"], one["source"])
        for payload in payloads
        for one in payload["fields"]
    }


@pytest.fixture(scope="module")
def good(home):
    """Two overrides that were accepted."""
    set_(home, "train.max_iterations=900")
    set_(home, "CreateTrainingJob.StoppingCondition.MaxRuntimeInSeconds=7200")
    return active(home)


def test_what_was_accepted_is_the_layer_above_the_model(home, good):
    fields = explained(home, "train")

    value, source = fields["HyperParameters.max_iterations"]
    assert value == "900"
    assert source["name"] == "override 1"
    assert "a try; until 20" in source["note"]
    value, source = fields["ResourceConfig.InstanceType"]
    assert source["name"] == f"models/{MODEL}/model.yaml"
    assert source["line"] > 1


def test_the_job_that_scores_a_batch_is_explained_and_can_be_overridden(home, good):
    set_(home, "instances.transform=ml.m5.xlarge")
    fields = explained(home, "transform")
    answered(home, "config.unset", MODEL, "instances.transform")

    value, source = fields["TransformResources.InstanceType"]
    assert (value, source["name"][:8]) == ("ml.m5.xlarge", "override")
    place = "TransformInput.DataSource.S3DataSource.S3Uri"
    assert fields[place][0].endswith("/runs/<run>/requests/lines/")
    assert active(home) == good


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("train.max_iteration=5", "Did you mean 'train.max_iterations'?"),
        ("train.max_iterations=2.5", "must be of type integer, not '2.5'"),
        ("instances.train=ml.m5.lrge", "Did you mean 'ml.m5.large'?"),
        ("endpoint.instance_count=0", "greater than or equal to 1"),
        ("endpoint.instance_count=[1, 2]", "is not one value"),
        ("gates.recall=0.1", "cannot be overridden"),
        ("instances.train", "is not key=value"),
        (
            "CreateTrainingJob.StoppingConditon.MaxRuntimeInSeconds=5",
            "Did you mean 'StoppingCondition'?",
        ),
        (
            "CreateTrainingJob.StoppingCondition.MaxRuntimeInSeconds=0",
            "SageMaker would refuse CreateTrainingJob of train",
        ),
        ("CreateTrainingJob.TrainingJobName=mine", "is decided by each run"),
        ("CreateTrainingJob.ResourceConfig.InstanceType=a", "instances.train"),
        ("ProductionVariant.VariantName=green", "never changes"),
    ],
)
def test_a_bad_override_is_one_line_and_leaves_the_good_ones(home, good, setting, said):
    outcome = home.invoke("config.set", MODEL, setting, *WHY)

    assert outcome.exit_code == 2
    [line] = outcome.errors.splitlines()
    assert said in line
    assert active(home) == good


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--expires", "7d"), "--reason"),
        (("--reason", "a try"), "no period such as 12h"),
        (("--reason", "a try", "--expires", "2020-01-01"), "is past"),
        (("--reason", "a try", "--expires", "9999d"), "more than 366 days away"),
        (("--reason", "a try", "--expires", "9999-12-31T23:59:59-14:00"), "366 days"),
    ],
)
def test_an_override_without_a_reason_or_an_end_is_refused(home, words, said):
    outcome = home.invoke("config.set", MODEL, "train.max_iterations=5", *words)

    assert outcome.exit_code == 2
    assert said in outcome.errors


def test_an_override_that_model_yaml_no_longer_fits_is_told_with_the_way_out(home):
    path = home.root / "models" / MODEL / "model.yaml"
    before = path.read_text()
    set_(home, "train.inverse_penalty=0.25")
    path.write_text(before.replace("inverse_penalty: 0.5, ", ""))

    refused = home.invoke("explain", "--model", MODEL)
    back = home.invoke("config.unset", MODEL, "train.inverse_penalty")
    path.write_text(before)

    assert refused.exit_code == 2
    assert f"invoke config.unset {MODEL} <key>" in refused.errors
    assert back.exit_code == 0, back.errors
    history = answered(home, "config.list", MODEL, "--history")["overrides"]
    assert history[-1]["state"] == "unset"


def test_taking_back_what_is_not_set_is_told(home, good):
    outcome = home.invoke("config.unset", MODEL, "train.max_iteration")

    assert outcome.exit_code == 2
    assert "Did you mean 'train.max_iterations'?" in outcome.errors


def test_an_unknown_step_to_explain_gets_a_suggestion(home):
    outcome = home.invoke("explain", "--model", MODEL, "--step", "trian")

    assert outcome.exit_code == 2
    assert "Did you mean 'train'?" in outcome.errors
