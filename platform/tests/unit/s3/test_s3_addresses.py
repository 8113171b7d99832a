import pytest

from slipway.errors import InvalidRequestError
from slipway.s3.layout import Layout, lake_table
from slipway.s3.uri import S3Uri


def test_an_address_is_read_and_spelled_the_same():
    text = "s3://bucket/a/b.json"

    assert str(S3Uri.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "bucket/key", "s3://", "s3://bucket", "s3:///key"]
)
def test_what_is_no_address_is_refused_and_quoted(text):
    with pytest.raises(InvalidRequestError) as refusal:
        S3Uri.parse(text)

    assert repr(text) in str(refusal.value)


def test_paths_are_joined_with_one_slash():
    root = S3Uri("b", "a/")

    assert str(root / "x" / "y.json") == "s3://b/a/x/y.json"
    assert str((root / "x").folder) == "s3://b/a/x/"
    assert (root / "x").folder.name == "x"
    assert str(S3Uri("b", "") / "x") == "s3://b/x"


def test_nothing_of_two_models_environments_or_generations_is_in_one_place():
    prefixes = {
        str(Layout("b", environment, model).output("r1", "train", generation))
        for environment in ("staging", "production")
        for model in ("churn", "fraud")
        for generation in (1, 2)
    }

    assert len(prefixes) == 8
    assert not any(a != b and a.startswith(b) for a in prefixes for b in prefixes)


def test_a_table_whose_name_begins_another_is_not_read_with_it():
    short, long = (lake_table("b", "warehouse", name) for name in ("visit", "visits"))

    assert not long.key.startswith(short.key)
