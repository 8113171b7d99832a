"""A model's SQL script: one SELECT with named parameters, and the tables it reads."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import TokenType, exp
from sqlglot.optimizer.scope import traverse_scope

from slipway.container.extract.parse import DIALECT, Source, parse_select
from slipway.container.extract.refusal import refuse_side_effects
from slipway.digests import digest_of_bytes
from slipway.errors import SqlError, suggestion


@dataclass(frozen=True)
class Script:
    """A checked SQL script."""

    #: The text as its author wrote it.
    text: str
    #: `sha256:` and the digest of the text.
    digest: str
    #: The parameters it names, sorted.
    parameters: tuple[str, ...]
    #: The tables it reads, sorted; `schema.table` where it names a schema.
    tables: tuple[str, ...]
    #: The parsed statement; copied before anything is changed in it.
    tree: exp.Expr


def check_script(
    sql: str, declared: Iterable[str], *, name: str = "extract.sql"
) -> Script:
    """Return the checked script; raise SqlError with line and column if it is not one.

    The script must be one SELECT (WITH and UNION included) which reads named tables
    only, and it must name exactly the `declared` parameters, each as `:parameter`.
    """
    source = Source(name, sql)
    tree = parse_select(source)
    refuse_side_effects(source, tree)
    used = _parameters(source, tree)
    known = set(declared)
    for parameter, start in used.items():
        if parameter not in known:
            reason = (
                f"':{parameter}' is not declared below sql.parameters in model.yaml."
                f"{suggestion(parameter, known)}"
            )
            raise source.error(start, reason)
    if unused := sorted(known - set(used)):
        message = (
            f"{name}: the parameter {unused[0]!r} is declared in model.yaml, and the"
            f" script never names :{unused[0]}. Use it, or delete the declaration"
        )
        raise SqlError(message)
    return Script(
        sql, digest_of_bytes(sql.encode()), tuple(sorted(used)), _tables(tree), tree
    )


def tables(sql: str, *, name: str = "extract.sql") -> list[str]:
    """Return the tables that a script reads, sorted; raise SqlError if it is no SELECT."""
    source = Source(name, sql)
    tree = parse_select(source)
    refuse_side_effects(source, tree)
    return list(_tables(tree))


def _parameters(source: Source, tree: exp.Expr) -> dict[str, int]:
    """Return each parameter's name and the offset where it comes first."""
    found: dict[str, int] = {}
    for node in tree.find_all(exp.Placeholder, exp.Parameter):
        name = str(node.this or "?")
        start = _offset(source, name)
        if start is None or isinstance(node, exp.Parameter):
            reason = f"{node.sql(DIALECT)!r} is no named parameter: write it as :name"
            raise source.error_at(node.parent or node, reason)
        found[name] = start
    return dict(sorted(found.items(), key=lambda item: item[1]))


def _offset(source: Source, name: str) -> int | None:
    """Return where the first `:name` stands."""
    for mark, token in itertools.pairwise(source.tokens):
        if mark.token_type is TokenType.COLON and token.text == name:
            return mark.start
    return None


def _tables(tree: exp.Expr) -> tuple[str, ...]:
    read = {
        table
        for scope in traverse_scope(tree)
        for table in scope.sources.values()
        if isinstance(table, exp.Table)
    }
    named = {common.alias for common in tree.find_all(exp.CTE)}
    read |= {table for table in tree.find_all(exp.Table) if table.name not in named}
    return tuple(sorted({_qualified(table) for table in read if table.name}))


def _qualified(table: exp.Table) -> str:
    return ".".join(part.name for part in table.parts)
