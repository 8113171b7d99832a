"""A worker that builds a container image, and runs a model's jobs and endpoint from it."""

import contextlib

import docker
import pytest

from slipway.controller.steps.pipeline import TO_REGISTER
from slipway.testing.checkout import checkout
from slipway.testing.waiting import wait_until

MODEL, DATE = "boxed", "2026-01-31"

pytestmark = [pytest.mark.docker, pytest.mark.xdist_group("rest_docker")]


@pytest.fixture(scope="module")
def daemon():
    """The Docker daemon, without an image of the model before and after."""
    with contextlib.closing(docker.from_env()) as client:
        forget(client)
        yield client
        forget(client)


@pytest.fixture(scope="module")
def home(tmp_path_factory, request, daemon):
    """A checkout whose local stack runs containers, with a filled warehouse.

    It is ended before the images are removed that its containers run.
    """
    root = tmp_path_factory.mktemp("boxed") / "checkout"
    with checkout(root, request.config.rootpath, "docker") as made:
        for command in ("local.up", "warehouse.seed"):
            outcome = made.invoke(command)
            assert outcome.exit_code == 0, outcome.errors
        yield made


def forget(client):
    for image in client.images.list(filters={"label": f"slipway.model={MODEL}"}):
        client.images.remove(image.id, force=True)


@contextlib.contextmanager
def written_over(client, image, uri):
    """Let the name of an image be that of another one meanwhile."""
    container = client.containers.create(uri)
    repository, _, tag = uri.rpartition(":")
    other = container.commit(repository, tag)
    container.remove()
    try:
        yield
    finally:
        image.tag(uri)
        client.images.remove(other.id, force=True, noprune=True)


def scaled_out(sagemaker, name):
    """Ask for a second instance; return the endpoint as it is then."""
    wanted = {"VariantName": "primary", "DesiredInstanceCount": 2}
    sagemaker.update_endpoint_weights_and_capacities(
        EndpointName=name, DesiredWeightsAndCapacities=[wanted]
    )

    def described():
        return sagemaker.describe_endpoint(EndpointName=name)

    wait_until(lambda: described()["EndpointStatus"] == "InService", seconds=300)
    return described()


def test_a_worker_builds_the_image_that_its_version_is_registered_with_and_serves(
    home, serve, daemon, copied_model
):
    api = serve()
    run = {"model": copied_model(MODEL), "logical_date": DATE}
    status, opened = api.ask("POST", "/v1/runs", run)
    assert status == 201, opened
    run_id = opened["run_id"]

    for definition in TO_REGISTER:
        step = api.take(run_id, definition.name)
        assert step["state"] == "succeeded", step["reason"]

    version = api.ask("GET", f"/v1/versions/{MODEL}/1")[1]
    uri, digest = version["image_uri"], version["image_digest"]
    built = daemon.images.get(uri)
    assert (built.id, built.labels["slipway.model"]) == (digest, MODEL)
    with written_over(daemon, built, uri):
        refused = api.take(run_id, "deploy")
    deployed = api.take(run_id, "deploy", attempt=2)

    assert refused["state"] == "failed"
    assert "its tag was written over, and nothing was begun" in refused["reason"]
    assert deployed["state"] == "succeeded", deployed["reason"]
    sagemaker, endpoint = home.client("sagemaker"), f"local-{MODEL}"
    with written_over(daemon, built, uri):
        [variant] = scaled_out(sagemaker, endpoint)["ProductionVariants"]
    assert variant["CurrentInstanceCount"] == 2
    resolved = variant["DeployedImages"][0]["ResolvedImage"]
    assert resolved.rpartition("@")[2] == digest
    answer = home.invoke("predict", "--model", MODEL, "--json")
    assert answer.data["model"]["version"] == "1"
