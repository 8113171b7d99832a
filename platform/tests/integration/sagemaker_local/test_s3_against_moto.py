"""The same sequences of requests to our S3 and to moto's: the same answers."""

import itertools

import boto3
import pytest
import requests
from botocore.config import Config
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer
from s3_calls import BEGINNING, CALLS
from s3_comparison import unexplained
from s3_differences import DIFFERENCES
from s3_sides import Side, changes, clear


@pytest.fixture(scope="module")
def moto():
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def clients(new_rig, moto):
    """A client of each S3."""
    settings = new_rig().server.client_settings
    config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
    return [
        boto3.client("s3", **{**settings, "endpoint_url": url}, config=config)
        for url in (settings["endpoint_url"], moto)
    ]


NAMES = (f"differential-{number}" for number in itertools.count())


def answer_alike(clients, calls):
    """Send calls to both sides, in buckets of their own, and compare every answer."""
    name = next(NAMES)
    location = {"LocationConstraint": "eu-west-1"}
    for client in clients:
        client.create_bucket(Bucket=name, CreateBucketConfiguration=location)
    sides = [Side(client, name) for client in clients]
    try:
        for call in calls:
            ours, motos = (side.answers(call) for side in sides)
            assert unexplained(call, ours, motos, DIFFERENCES) == []
            if parted(call, ours, motos):
                break
    finally:
        clear(clients[0], name)


def parted(call, ours, motos):
    """Say whether the states differ from here on: one side alone made a change."""
    done = [pages[0]["outcome"][0] < 300 for pages in (ours, motos)]
    return changes(call) and done[0] != done[1]


@pytest.mark.parametrize("examples", [25, pytest.param(400, marks=pytest.mark.nightly)])
def test_ours_and_moto_answer_alike(clients, moto, examples):
    run = settings(
        max_examples=examples,
        deadline=None,
        derandomize=examples < 100,
        database=None,
        # Which call differs is said anyway; to find a shorter sequence takes minutes.
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )

    @run
    @given(st.lists(CALLS, min_size=10, max_size=25))
    def check(calls):
        answer_alike(clients, [*BEGINNING, *calls])
        requests.post(f"{moto}/moto-api/reset", timeout=10)

    check()
