"""Invocations made up from botocore's shape, of an endpoint that serves."""

import pytest
import requests
from botocore.serialize import create_serializer
from fuzz_requests import any_members
from hypothesis import strategies as st
from test_fuzz_operations import fuzz

from slipway.sagemaker.service_model import operation_model
from slipway.sagemaker.shapes import violations
from slipway.sagemaker_local.endpoints.invocation import (
    OPERATION,
    SERVICE,
    SUPPORTED,
)

_SIGNED = (
    "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-west-1/sagemaker/aws4_request, "
    "Signature=0"
)
#: Of many a header, what is wrong.
_ODD = ("x" * 70, "x" * 3000, "a b", "-a", "a-", "$(id)", "<a>", "%s", "../..", "nope")
_SERIALIZER = create_serializer("rest-json", include_validation=False)


@pytest.fixture(scope="module")
def serving(new_rig):
    """A server with an endpoint of the name and the variant that are asked for most."""
    rig = new_rig()
    artifact = rig.trained(rig.bucket_with(one=b"1"), answer="1")
    rig.endpoint(rig.config(artifact), name="name")
    return rig


@st.composite
def invocations(draw):
    """Return requests of InvokeEndpoint; of some, one header is odd."""
    members = draw(any_members(SERVICE, OPERATION))
    if draw(st.booleans()):
        members = {name: members[name] for name in members if name in SUPPORTED}
    if draw(st.booleans()):
        members["EndpointName"] = "name"
    if draw(st.booleans()):
        members["TargetVariant"] = "primary"
    headers = sorted(members.keys() - {"Body"})
    if draw(st.booleans()):
        members[draw(st.sampled_from(headers))] = draw(st.sampled_from(_ODD))
    sendable = all(
        members[name].isascii()
        and members[name].isprintable()
        and members[name] == members[name].strip() != ""
        for name in headers
    )
    return members if sendable else {"EndpointName": "name"}


def answer_to(session, rig, members):
    asked = _SERIALIZER.serialize_to_request(
        members, operation_model(SERVICE, OPERATION)
    )
    return session.post(
        rig.server.url + asked["url_path"],
        data=asked["body"],
        headers={**asked["headers"], "Authorization": _SIGNED},
        timeout=120,
    )


@pytest.mark.parametrize(
    "examples", [60, pytest.param(3000, marks=pytest.mark.nightly)]
)
def test_client_and_server_agree_on_every_invocation(serving, examples):
    with requests.Session() as session:

        def check(members):
            answer = answer_to(session, serving, members)
            assert answer.status_code in (200, 400), (members, answer.text)
            assert "Traceback" not in answer.text
            if answer.status_code == 400:
                assert answer.headers["x-amzn-ErrorType"], (members, answer.text)
            known = members["EndpointName"] == "name"
            there = known and members.get("TargetVariant", "primary") == "primary"
            taken = members.keys() <= set(SUPPORTED) and not violations(
                SERVICE, OPERATION, {**members, "Body": b""}
            )
            assert (answer.status_code == 200) is (taken and there), (
                members,
                answer.text,
            )

        fuzz(invocations(), check, examples)
