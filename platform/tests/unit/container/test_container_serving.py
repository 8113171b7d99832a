import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from slipway.container import create_app
from slipway.container.artifact import artifact_digest
from slipway.testing.model_folder import ModelFolder, run_fixture
from slipway.testing.toy_model import FILES, write_toy_model

ROW = {"amount": 900.5, "items": 3, "shop": "north", "is_north": True}
Ask = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serving")


@pytest.fixture(scope="module")
def client(folder: Path) -> FlaskClient:
    return run_fixture(write_toy_model(folder / "models"), folder / "run")


@pytest.fixture
def ask(client: FlaskClient) -> Ask:
    def post(body: Any, content_type: str = "application/json", **headers: str) -> Any:
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return client.post(
            "/invocations",
            data=data,
            headers={"Content-Type": content_type, **headers},
        )

    return post


def refused(response: TestResponse, status: int = 400) -> dict[str, Any]:
    """Return the error of a refused request, after checking its form."""
    assert response.status_code == status, response.data
    assert response.content_type == "application/json"
    document = orjson.loads(response.data)
    assert set(document) == {"error", "transaction_id"}
    assert set(document["error"]) == {"code", "message", "row", "column"}
    assert "Traceback" not in document["error"]["message"]
    error: dict[str, Any] = document["error"]
    return error


@pytest.mark.parametrize("body", [{"instances": [ROW]}, [ROW], ROW])
def test_json_is_answered_in_each_of_its_shapes(
    ask: Ask, folder: Path, body: object
) -> None:
    document = ask(body).json

    assert set(document) == {"predictions", "inputs", "model", "transaction_id"}
    assert document["inputs"] == [ROW]
    assert set(document["predictions"][0]) == {"prediction", "score"}
    digest = artifact_digest(folder / "run/model")
    assert document["model"] == {
        "name": "toy",
        "version": "0",
        "artifact_digest": digest,
    }


@pytest.mark.parametrize(
    "name", ["application/jsonlines", "application/x-jsonlines", "application/x-ndjson"]
)
def test_each_json_line_is_answered_by_a_line_of_its_own(ask: Ask, name: str) -> None:
    lines = "\n".join(json.dumps({**ROW, "amount": amount}) for amount in (1, 999.5))

    response = ask(lines + "\n", name)

    answers = [orjson.loads(line) for line in response.data.splitlines()]
    assert response.content_type == name
    assert [answer["inputs"]["amount"] for answer in answers] == [1, 999.5]
    assert [answer["prediction"] for answer in answers] == [0, 1]
    assert all({"model", "transaction_id", "score"} < set(answer) for answer in answers)


def test_csv_is_answered_with_its_columns_and_the_predictions(ask: Ask) -> None:
    response = ask(
        'shop,items,amount,is_north\n"north",,1,true\nsouth,4,999,false\n', "text/csv"
    )

    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert list(rows[0]) == [
        "shop",
        "items",
        "amount",
        "is_north",
        "prediction",
        "score",
    ]
    assert [row["prediction"] for row in rows] == ["0", "1"]
    assert rows[0]["items"] == ""
    attributes = response.headers["X-Amzn-SageMaker-Custom-Attributes"]
    assert "model_name=toy;model_version=0;artifact_digest=sha256:" in attributes


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("text/csv", "text/csv"),
        ("application/jsonlines", "application/jsonlines"),
        ("*/*", "application/json"),
        ("text/html, text/csv;q=0.5", "text/csv"),
        ("application/*", "application/json"),
    ],
)
def test_the_answer_is_in_the_format_that_is_accepted(
    ask: Ask, accept: str, answered: str
) -> None:
    response = ask(ROW, Accept=accept)

    assert response.status_code == 200
    assert response.mimetype == answered


def test_every_format_answers_the_same(ask: Ask) -> None:
    score = ask(ROW).json["predictions"][0]["score"]
    line = orjson.loads(ask(ROW, Accept="application/jsonlines").data)["score"]
    row = next(csv.DictReader(io.StringIO(ask(ROW, Accept="text/csv").text)))["score"]

    assert score == line == float(row)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("order-7.a:b_C", True),
        ("x" * 64, True),
        ("x" * 65, False),
        ("", False),
        ("a b", False),
        ("é", False),
        ("a;b=c", False),
    ],
)
def test_a_valid_inference_id_is_the_transaction_id(
    ask: Ask, given: str, kept: bool
) -> None:
    response = ask(ROW, **{"X-Amzn-SageMaker-Inference-Id": given})

    found = response.json["transaction_id"]
    assert (found == given) is kept
    assert found
    header = response.headers["X-Amzn-SageMaker-Custom-Attributes"]
    assert header.split(";")[0] == f"transaction_id={found}"


def test_a_refused_request_has_its_transaction_id_too(ask: Ask) -> None:
    response = ask("{", **{"X-Amzn-SageMaker-Inference-Id": "mine"})

    refused(response)
    assert response.json["transaction_id"] == "mine"


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"amount": True}, "wrong_type", "amount"),
        ({"amount": "4"}, "wrong_type", "amount"),
        ({"amount": [4]}, "wrong_type", "amount"),
        ({"amount": None}, "missing_value", "amount"),
        ({"shop": 4}, "wrong_type", "shop"),
        ({"shop": None}, "missing_value", "shop"),
        ({"is_north": 1}, "wrong_type", "is_north"),
        ({"is_north": "true"}, "wrong_type", "is_north"),
        ({"colour": "red"}, "unknown_column", "colour"),
        ({"order_id": 1}, "unknown_column", "order_id"),
    ],
)
def test_a_value_that_does_not_fit_is_named_with_row_and_column(
    ask: Ask, change: dict[str, object], code: str, column: str
) -> None:
    error = refused(ask([ROW, {**ROW, **change}]))

    assert (error["code"], error["row"], error["column"]) == (code, 1, column)


def test_a_missing_column_is_named(ask: Ask) -> None:
    error = refused(ask([ROW, {**{k: v for k, v in ROW.items() if k != "shop"}}]))

    assert (error["code"], error["row"], error["column"]) == (
        "missing_column",
        1,
        "shop",
    )


def test_a_value_may_lack_where_training_lacked_one(ask: Ask) -> None:
    assert ask({**ROW, "items": None}).status_code == 200


#: From the JSON test suite, and from what requests were seen to hold.
NOT_JSON = [
    b"", b" ", b"{", b"[", b"nul", b"NaN", b"[NaN]", b"[Infinity]", b"[-Infinity]",
    b'{"amount": NaN}', b'{"amount": 1e}', b"[1,]", b"[,1]", b"{,}", b"['a']",
    b"{amount: 1}", b'{"a":1}{"a":1}', b"[1]x", b"\xff\xfe[1]", b'["\xff"]',
    b"\xef\xbb\xbf[]", b'["\\ud800"]', b'["\\x41"]', b'["\t"]', b"01", b"[01]", b"+1",
    b".5", b"5.", b"0x1", b"[1e400]", b'{"amount": -1e999}', b"[" * 100_000,
    b'{"a":' * 50_000, b"\x00", b"[\x00]", b"/* c */ []", b"true", b"null", b"1",
    b'"text"', b"[]", b'{"instances": []}', b'{"instances": {}}', b'{"instances": 1}',
    b'{"instances": null}', b'{"instances": [], "more": 1}', b"[[1, 2]]", b"[null]",
    b"[1]", b"{}", b"[{}]", b'{"": 1}', b'{"\\u0000": 1}',
]  # fmt: skip


@pytest.mark.parametrize("body", NOT_JSON)
@pytest.mark.parametrize("content_type", ["application/json", "application/jsonlines"])
def test_what_is_no_request_gets_a_400_in_strict_json(
    ask: Ask, body: bytes, content_type: str
) -> None:
    refused(ask(body, content_type))


NUMBERS = ["1e400", "-1e999", "1" * 400, "9" * 5000, "99999999999999999999999e999"]


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_out_of_range_is_refused(ask: Ask, text: str) -> None:
    body = json.dumps(ROW).replace("900.5", text)

    refused(ask(body))


#: From the big list of naughty strings.
NAUGHTY = [
    "", " ", "\u0000", "\u202e", "😀", "ﷺ" * 500, "'; DROP TABLE t; --", "=cmd()", '"',
    "<script>alert(1)</script>", "${7*7}", "{{7*7}}", "%s%n", "../../etc", "null", "NaN",
    "true", "1e5", "\\", "\r\n", "\u2028", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A", "\u0661\u0662", "\uff10",
]  # fmt: skip


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_is_an_answer_where_text_is_expected(ask: Ask, text: str) -> None:
    for accept in ("application/json", "application/jsonlines"):
        response = ask({**ROW, "shop": text}, Accept=accept)
        assert response.status_code == 200
        given = orjson.loads(response.data)["inputs"]
        assert (given[0] if isinstance(given, list) else given)["shop"] == text

    response = ask({**ROW, "shop": text}, Accept="text/csv")
    assert response.status_code == 200


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_is_refused_where_a_number_is_expected(ask: Ask, text: str) -> None:
    assert refused(ask({**ROW, "amount": text}))["column"] == "amount"
    assert refused(ask({**ROW, text: 1}))["code"] == "unknown_column"


HEADER = "amount,items,shop,is_north\n"


@pytest.mark.parametrize(
    "body",
    [
        b"", b"\n", b"\n\n", b"amount", HEADER.encode(), b"a,b,c,d\n1,2,3,4\n",
        b"amount,items,shop\n1,2,north\n", b"amount,amount,items,shop,is_north\n1,1,2,n,true\n",
        b"amount,items,shop,is_north\n1,2,north\n", b"amount,items,shop,is_north\n1,2,north,true,5\n",
        b"amount,items,shop,is_north\n\n", b"amount,items,shop,is_north\n1,2,n\x00orth,true\n",
        b"amount,items,shop,is_north\n1,2,\xff,true\n", b'amount,items,shop,is_north\n1,2,"north,true\n',
        b'amount,items,shop,is_north\n1,2,"no"rth,true\n', b"amount;items;shop;is_north\n1;2;n;true\n",
        b"\x00", b"PAR1" + b"\x00" * 40 + b"PAR1",
        b"amount,items,shop,is_north\n1,2," + b"x" * 200_000 + b",true\n",
    ],
)  # fmt: skip
def test_what_is_no_csv_gets_a_400_in_strict_json(ask: Ask, body: bytes) -> None:
    refused(ask(body, "text/csv"))


@pytest.mark.parametrize(
    "line",
    [
        "nan,2,north,true", "inf,2,north,true", "1_000,2,north,true", "0x10,2,north,true",
        " 1,2,north,true", ",2,north,true", "1,2,north,", "1,2,north,1", "1,2,north,yes",
        "\u0661,2,north,true", "1e9999,2,north,true", f"{'9' * 500},2,north,true", "1;2,2,n,true",
        "=1+1,2,north,true",
    ],
)  # fmt: skip
def test_a_csv_field_that_is_no_value_is_refused(ask: Ask, line: str) -> None:
    error = refused(ask(f"{HEADER}1,2,north,true\n{line}\n", "text/csv"))

    assert error["row"] == 1
    assert error["column"] in {"amount", "is_north"}


@pytest.mark.parametrize(
    "body",
    [
        HEADER + '1,2,"a ""quoted"", word",true\n',
        HEADER + '1,2,"two\nlines",true\n',
        HEADER.replace("\n", "\r\n") + "1,2,north,true\r\n",
        "\ufeff" + HEADER + "1,2,north,true\n",
        HEADER + "1,2,,true",
        HEADER + "-1.5e-3,2,العربية,false\n",
    ],
)
def test_csv_corner_cases_are_read(ask: Ask, body: str) -> None:
    assert ask(body, "text/csv").status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "application/xml",
        "application/octet-stream",
        "application/x-npy",
        "application/python-pickle",
        "text/csv; charset=latin-1",
        "json",
    ],
)
def test_other_content_types_are_refused(ask: Ask, content_type: str) -> None:
    assert refused(ask(ROW, content_type), 415)["code"] == "unsupported_media_type"


def test_an_answer_that_cannot_be_written_is_refused(ask: Ask) -> None:
    assert refused(ask(ROW, Accept="image/png"), 406)["code"] == "not_acceptable"


def test_a_body_above_six_mebibytes_is_refused(ask: Ask) -> None:
    assert refused(ask(b" " * (6 * 1024 * 1024 + 1)), 413)["code"] == "too_large"


def test_other_paths_and_methods_are_refused(client: FlaskClient) -> None:
    refused(client.get("/"), 404)
    refused(client.get("/invocations"), 405)
    refused(client.post("/ping"), 405)


def test_ping_answers_once_the_model_is_loaded(client: FlaskClient) -> None:
    assert client.get("/ping").status_code == 200

    unloaded = create_app(object).test_client()
    assert unloaded.get("/ping").status_code == 503
    refused(unloaded.post("/invocations", json=ROW), 503)


def test_a_predict_that_raises_is_a_500_whose_traceback_is_in_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = FILES["model.py"].replace(
        "        scores =",
        "        assert len(frame) != 1, frame['shop'][0]\n        scores =",
    )
    model = ModelFolder(
        write_toy_model(tmp_path / "models", changes={"model.py": source})
    )
    client = model.client(model.train(tmp_path / "run"))

    error = refused(client.post("/invocations", json={**ROW, "shop": "secret"}), 500)

    assert error["code"] == "model_error"
    assert "secret" not in error["message"]
    assert "Traceback" in caplog.text
