from pathlib import Path

import pytest

from slipway.documents import plain, read_document
from slipway.errors import DocumentError, InvalidRequestError
from slipway.spec import find_model, load_spec

GOOD = """\
name: churn
owner: risk@example.com
description: Who leaves
key: customer_id
target: churned
columns:
  customer_id: {type: integer, unique: true}
  age: {type: integer, range: [0, 120]}
  signed_at: {type: date, freshness: 7d}
  churned: {type: boolean}
gates:
  roc_auc: {min: 0.7}
"""


@pytest.fixture
def churn(tmp_path):
    folder = tmp_path / "churn"
    folder.mkdir()
    (folder / "model.yaml").write_text(GOOD)
    return folder


def rewrite(folder: Path, old: str, new: str) -> None:
    assert old in GOOD
    (folder / "model.yaml").write_text(GOOD.replace(old, new))


def test_a_good_document_is_read(churn):
    spec = load_spec(churn)

    assert spec.columns["age"].range == (0, 120)
    assert spec.columns["signed_at"].oldest.days == 7
    assert spec.split.train == 0.7


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("target: churned", "taret: churned", 5, "Did you mean 'target'?"),
        ("key: customer_id\n", "", 1, "'key' is missing. Expected, for example"),
        ("type: integer, range", "type: integr, range", 8, "'integr'"),
        ("[0, 120]", "[120, 0]", 8, "the smallest value comes first"),
        ("type: boolean", "type: boolean, range: [0, 1]", 10, "has no range"),
        ("type: boolean", "type: string, allowed: [a, 1]", 10, "1, which is no string"),
        (
            "type: boolean",
            "type: integer, allowed: [true]",
            10,
            "True, which is no int",
        ),
        ("freshness: 7d", "freshness: a week", 9, "36h or 7d"),
        ("target: churned", "target: left", 1, "not in columns"),
        ("roc_auc:", "auc_roc:", 12, "auc_roc"),
        ("{min: 0.7}", "{}", 12, "a gate needs a bound"),
        ("name: churn", "name: xgboost", 1, "shadow the package 'xgboost'"),
        ("name: churn", "name: churn2", 1, "they must be the same"),
    ],
)
def test_a_fault_is_told_with_file_and_line(churn, old, new, line, words):
    rewrite(churn, old, new)

    with pytest.raises(DocumentError) as refusal:
        load_spec(churn)

    assert f"model.yaml:{line}:" in str(refusal.value)
    assert words in str(refusal.value)


def test_every_fault_is_told_at_once(churn):
    rewrite(churn, "owner: risk@example.com\ndescription: Who leaves\n", "")

    with pytest.raises(DocumentError) as refusal:
        load_spec(churn)

    assert len(str(refusal.value).splitlines()) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"name: [unclosed", ":1: this is not YAML"),
        (b"- a\n- list\n", ":1: expected `key: value` lines, got a list"),
        (b"", ":1: expected `key: value` lines, got nothing"),
        (b"7\n", ":1: expected `key: value` lines, got one value"),
        (b"a:\tb\n\tx: 1\n", ":1: this is not YAML"),
        (b"name: \xff\xfe", "not UTF-8"),
        (b"name: a\nname: b\n", ":2: this is not YAML"),
    ],
)
def test_a_file_that_is_no_document_is_refused(churn, content, words):
    (churn / "model.yaml").write_bytes(content)

    with pytest.raises(DocumentError) as refusal:
        load_spec(churn)

    assert words in str(refusal.value)


def test_an_unknown_model_gets_a_suggestion(churn):
    with pytest.raises(InvalidRequestError, match="Did you mean 'churn'"):
        find_model(churn.parent, "chrun")


def test_plain_values_are_of_the_types_that_json_knows(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a: 1.0\nb: 0x10\nc: [true, null]\nd: |\n  text\n")

    values = plain(read_document(path).data)

    assert values == {"a": 1.0, "b": 16, "c": [True, None], "d": "text\n"}
    assert [type(value) for value in values.values()] == [float, int, list, str]


def test_a_document_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(DocumentError, match="cannot be read: Is a directory"):
        read_document(tmp_path)


def test_a_folder_whose_document_is_a_folder_is_no_model(churn):
    (churn.parent / "nest" / "model.yaml").mkdir(parents=True)

    with pytest.raises(InvalidRequestError, match=r"Known: churn$"):
        find_model(churn.parent, "nest")
