import datetime as dt

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.container.extract.query import Query, typed_literal
from slipway.container.extract.script import check_script
from slipway.errors import InvalidRequestError
from slipway.spec import Parameter

DECLARED = {
    "day": Parameter(type="date"),
    "count": Parameter(type="integer"),
    "least": Parameter(type="number"),
    "name": Parameter(type="string"),
    "flag": Parameter(type="boolean"),
}
SQL = (
    "SELECT a FROM t WHERE d <= :day AND n > :count AND x >= :least AND s = :name"
    " AND f = :flag"
)
VALUES = {
    "day": "2026-01-31",
    "count": 3,
    "least": -0.5,
    "name": "O'Neil",
    "flag": True,
}


def query() -> Query:
    return Query(check_script(SQL, DECLARED), DECLARED, VALUES)


def test_duckdb_is_given_named_parameters_of_its_own_types() -> None:
    sql, values = query().for_duckdb()

    assert "$day" in sql
    assert "O'Neil" not in sql
    assert values == {**VALUES, "day": dt.date(2026, 1, 31)}


def test_postgresql_is_given_typed_literals() -> None:
    assert query().for_postgresql().sql("postgres") == (
        "SELECT a FROM t WHERE d <= CAST('2026-01-31' AS DATE)"
        " AND n > CAST('3' AS BIGINT) AND x >= CAST('-0.5' AS DOUBLE PRECISION)"
        " AND s = CAST('O''Neil' AS TEXT) AND f = CAST('true' AS BOOLEAN)"
    )


def test_a_query_leaves_its_script_as_it_was() -> None:
    asked = query()

    assert asked.for_postgresql() == asked.for_postgresql()
    assert ":day" in asked.script.tree.sql()


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])))
def test_any_text_is_one_literal(text: str) -> None:
    sql = typed_literal("name", "string", text).sql("postgres")

    assert duckdb.sql(f"SELECT {sql}").fetchall() == [(text,)]


def test_a_nul_character_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="'name' has a NUL"):
        typed_literal("name", "string", "a\x00b")
