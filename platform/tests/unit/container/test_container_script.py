import pytest

from slipway.container.extract.script import check_script, tables
from slipway.digests import digest_of_bytes
from slipway.errors import SqlError

REFUSED = {
    "select 1; select 2": "1:11: a script must be one SELECT; a second statement",
    "select 1 from t;\n\ndrop table t": "3:1: a script must be one SELECT; a second",
    "insert into t values (1)": "1:1: a script must be one SELECT; this begins with 'INS",
    "update t set a = 1": "begins with 'UPDATE'",
    "delete from t": "begins with 'DELETE'",
    "drop table t": "begins with 'DROP'",
    "pragma show_tables": "begins with 'PRAGMA'",
    "copy t to 'out.csv'": "begins with 'COPY'",
    "attach 'other.db' as other": "begins with 'ATTACH'",
    "explain select 1": "begins with 'EXPLAIN'",
    "set memory_limit = '1TB'": "begins with 'SET'",
    "call f()": "begins with 'CALL'",
    "with x as (delete from t returning *) select * from x": "DELETE is not allowed",
    "with x as (insert into t values (1) returning 1) select 1": "INSERT is not",
    "select * into copy_of_t from t": "SELECT INTO is not allowed",
    "select * from t for update": "FOR UPDATE is not allowed",
    "select * from 'data.csv'": "1:15: 'data.csv' is not the name of a table",
    'select * from "/etc/passwd"': "'/etc/passwd' is not the name of a table",
    "select * from read_csv('x')": "read_csv() is not allowed in FROM",
    "select *\nfrom read_parquet('s3://b/x')": "2:6: read_parquet() is not allowed",
    "select * from read_json_auto('http://x')": "read_json_auto() is not allowed",
    "select * from glob('*')": "extract.sql:1:",
    "select * from postgres_scan('a', 'b', 'c')": "postgres_scan() is not allowed",
    "select * from dblink('x', 'y') as z(a int)": "dblink() is not allowed",
    "select * from rows from (f(1))": "ROWS FROM is not allowed",
    "select pg_read_file('/etc/passwd')": "pg_read_file() is not allowed",
    "select a from t where pg_sleep(9) is null": "pg_sleep() is not allowed",
    "select lo_import('/etc/passwd')": "lo_import() is not allowed",
    "select set_config('a', 'b', true)": "set_config() is not allowed",
    "select nextval('s')": "nextval() is not allowed",
    "select getenv('HOME')": "getenv() is not allowed",
    "select query_to_xml('drop table t', true, true, '')": "query_to_xml() is not",
    "select a from where": "1:15: this is not valid SQL near 'where'",
    "select 'abc": "a quote or a comment is opened and never closed",
    "select {{ column }} from t": "1:8: templates are not supported",
    "": "the script is empty",
    "-- only a comment": "the script is empty",
}


@pytest.mark.parametrize(("sql", "reason"), REFUSED.items())
def test_a_script_that_does_more_than_read_tables_is_refused(
    sql: str, reason: str
) -> None:
    with pytest.raises(SqlError) as caught:
        check_script(sql, [])

    assert str(caught.value).startswith("extract.sql:")
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select a from t", ["t"]),
        ("select a from t;", ["t"]),
        ("select a from t -- ; drop table t\n;;", ["t"]),
        ("select ';' from t", ["t"]),
        ("(select 1 from t) union all select 2 from s.u", ["s.u", "t"]),
        ("with t as (select * from t) select * from t", ["t"]),
        ("with a as (select 1 x), b as (select x from a) select x from b", []),
        (
            "with recursive r as (select 1 n union all select n + 1 from r)\n\
            select * from r join days on true",
            ["days"],
        ),
        (
            "select (select max(b) from u) from t where exists (select 1 from v)",
            ["t", "u", "v"],
        ),
        ("select * from generate_series(1, 3) as g(i) join t on t.i = g.i", ["t"]),
        ("select * from t, lateral (select t.a) x", ["t"]),
    ],
)
def test_the_tables_of_a_script_are_those_it_reads(
    sql: str, expected: list[str]
) -> None:
    assert tables(sql) == expected


def test_a_script_names_its_parameters_and_its_digest() -> None:
    sql = "SELECT a::text FROM t WHERE d <= :as_of AND x = :least -- :not_this\n"

    script = check_script(sql, {"as_of", "least"})

    assert script.parameters == ("as_of", "least")
    assert script.digest == digest_of_bytes(sql.encode())
    assert script.digest.startswith("sha256:")


def test_an_undeclared_parameter_is_shown_with_the_closest_one() -> None:
    with pytest.raises(SqlError, match=r"sql:2:7: ':as_off' .* Did you mean 'as_of'\?"):
        check_script("select a from t where\n  d < :as_off", ["as_of"])


def test_a_declared_parameter_that_is_not_used_is_an_error() -> None:
    with pytest.raises(SqlError, match=r"'as_of' is declared in model\.yaml"):
        check_script("select a from t", ["as_of"])


@pytest.mark.parametrize("mark", ["$as_of", "$1", "?", "%(as_of)s"])
def test_another_form_of_parameter_is_refused(mark: str) -> None:
    with pytest.raises(SqlError):
        check_script(f"select a from t where d < {mark}", ["as_of"])  # noqa: S608  # never run


def test_an_array_slice_is_no_parameter() -> None:
    assert check_script("select a[1:2] from t", []).parameters == ()
