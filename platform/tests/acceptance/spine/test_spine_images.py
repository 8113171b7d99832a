"""An image that is written over between a version's registration and its deployment."""

import pytest

MODEL, DATE = "retagged", "2026-01-31"
DEPLOY = ("deploy", "--model", MODEL, "--date", DATE)


@pytest.fixture
def image(home, model):
    """Register version 1 of a model of its own; return its image's description."""
    model(MODEL)
    outcome = home.invoke("run", "--model", MODEL, "--date", DATE)
    assert outcome.exit_code == 0, outcome.errors
    [path] = (home.state / "images" / "slipway" / MODEL).glob("*/image.json")
    return path


def versions(home):
    return home.invoke("versions", "--model", MODEL, "--json").data["versions"]


def test_an_image_that_was_written_over_is_refused_and_what_the_refusal_says_helps(
    home, image
):
    [registered] = versions(home)
    digest = registered["image_digest"]
    text = image.read_text()
    assert digest in text
    image.write_text(text.replace(digest, "sha256:another"))

    refused = home.invoke(*DEPLOY)

    assert refused.exit_code == 1
    said = f"version 1 was registered with {digest}: its tag was written over"
    assert said in refused.errors
    assert f"invoke deploy --model {MODEL} --force" in refused.errors
    endpoints = home.client("sagemaker").list_endpoints(NameContains=MODEL)
    assert endpoints["Endpoints"] == []

    forced = home.invoke(*DEPLOY, "--force")

    assert forced.exit_code == 0, forced.errors
    champion = next(one for one in versions(home) if one["state"] == "champion")
    assert (champion["version"], champion["image_digest"]) == (2, "sha256:another")
