import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from slipway.sagemaker_local.routing import Scope, scope_of


def request(path="/", authorization=None):
    headers = {"Authorization": authorization} if authorization else {}
    return Request(EnvironBuilder(path, headers=headers).get_environ())


def signed(scope):
    return request(
        authorization=f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"
    )


def test_the_scope_names_service_and_region():
    found = scope_of(signed("AK/20260131/us-west-2/sagemaker/aws4_request"))

    assert found == Scope("sagemaker", "us-west-2")


def test_a_presigned_url_has_its_scope_in_the_query():
    credential = "AK%2F20260131%2Feu-west-1%2Fs3%2Faws4_request"

    found = scope_of(request(f"/bucket/key?X-Amz-Credential={credential}"))

    assert found == Scope("s3", "eu-west-1")


def test_signature_version_2_is_s3s():
    assert scope_of(request("/b/k?AWSAccessKeyId=AK&Signature=x&Expires=1")) == Scope(
        "s3", "eu-west-1"
    )


@pytest.mark.parametrize(
    "scope",
    [
        "",
        "AK",
        "AK/20260131/../../etc/sagemaker/aws4_request",
        "AK/20260131/eu-west-1/sagemaker/other",
        "AK/1/eu-west-1/sagemaker/aws4_request",
    ],
)
def test_anything_else_is_not_signed(scope):
    assert scope_of(signed(scope)) is None
    assert scope_of(request()) is None
