"""What a SELECT may not contain: writes, files, the network, the server's own functions.

The warehouse is a second line: DuckDB runs with external access off, PostgreSQL in a
read-only transaction. Refusing here gives the author the line and the column.
"""

import re

from sqlglot import exp

from slipway.container.extract.parse import Source

#: Nodes that change something, or that lock what others read.
_WRITES: dict[type[exp.Expr], str] = {
    exp.Insert: "INSERT",
    exp.Update: "UPDATE",
    exp.Delete: "DELETE",
    exp.Merge: "MERGE",
    exp.Create: "CREATE",
    exp.Drop: "DROP",
    exp.Copy: "COPY",
    exp.Command: "a command",
    exp.Into: "SELECT INTO",
    exp.Lock: "FOR UPDATE",
}
#: The functions that may stand where a table does: they compute rows from values.
_ROW_FUNCTIONS = frozenset(
    {"unnest", "explode", "exploding_generate_series", "generate_series", "range"}
    | {"json_each", "json_array_elements", "jsonb_array_elements"}
)
#: Functions that reach files, the network, other sessions or the server's settings.
_FORBIDDEN_FUNCTION = re.compile(
    r"(read|scan|sniff|parquet|sqlite|postgres|mysql|iceberg|delta|duckdb|pragma)_.*"
    r"|.*_scan|glob|getenv|query|query_table|which_secret|st_read.*"
    r"|pg_(read|ls|stat_file|write|terminate|cancel|reload|rotate|switch|sleep|advisory"
    r"|try_advisory|create|drop|promote|backup|logical|replication|file|notify|export)"
    r".*|lo_.*|loread|lowrite|dblink.*|(query|table|cursor|schema|database)_to_xml.*"
    r"|set_config|setval|nextval|txid_current|currval"
)
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")


def refuse_side_effects(source: Source, tree: exp.Expr) -> None:
    """Raise SqlError for the first part of `tree` that does more than read tables."""
    for node in tree.walk():
        if word := _WRITES.get(type(node)):
            reason = f"a script only reads; {word} is not allowed"
            raise source.error_at(_anchor(node), reason)
        if isinstance(node, exp.Table):
            _refuse_table(source, node)
        elif isinstance(node, exp.Func):
            _refuse_function(source, node)


def _refuse_table(source: Source, table: exp.Table) -> None:
    if table.args.get("rows_from"):
        raise source.error_at(table, "ROWS FROM is not allowed: name a table")
    if isinstance(table.this, exp.Func):
        name = _function_name(table.this)
        if name not in _ROW_FUNCTIONS:
            reason = (
                f"{name}() is not allowed in FROM: a script reads named tables only"
            )
            raise source.error_at(table, reason)
        return
    for part in table.parts:
        if not _PLAIN_NAME.fullmatch(part.name):
            reason = (
                f"{part.name!r} is not the name of a table: a script reads no files and"
                " no addresses"
            )
            raise source.error_at(table, reason)


def _refuse_function(source: Source, function: exp.Func) -> None:
    name = _function_name(function)
    if _FORBIDDEN_FUNCTION.fullmatch(name):
        reason = f"{name}() is not allowed: it does more than compute a value"
        raise source.error_at(function, reason)


def _function_name(function: exp.Func) -> str:
    if isinstance(function, exp.Anonymous):
        return str(function.this).lower()
    return function.sql_name().lower()


def _anchor(node: exp.Expr) -> exp.Expr:
    """Return the node whose place is quoted: a lock has none of its own."""
    if isinstance(node, exp.Lock) and node.parent is not None:
        return node.parent
    return node
