"""A checked script with its values, written for a warehouse's own dialect."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp

from slipway.container.extract.parse import DIALECT
from slipway.container.extract.script import Script
from slipway.errors import InvalidRequestError
from slipway.spec.parameter import Parameter, Value


@dataclass(frozen=True)
class Query:
    """A script and the value of each of its parameters."""

    #: The checked script.
    script: Script
    #: What model.yaml declares of each parameter.
    declared: Mapping[str, Parameter]
    #: A value for each parameter; dates as ISO text.
    values: Mapping[str, Value]

    def for_duckdb(self) -> tuple[str, dict[str, object]]:
        """Return the SQL with `$name` parameters, and the values to bind to them."""
        values = {
            name: self._native(name, self.values[name])
            for name in self.script.parameters
        }
        return self.script.tree.sql(dialect="duckdb"), values

    def for_postgresql(self) -> exp.Expr:
        """Return the statement with each parameter as a typed literal of its tree.

        The PostgreSQL driver streams (COPY) only statements without bound parameters:
        docs/adr/0005-binding-parameters.md says why a literal is as safe.
        """
        return self.script.tree.transform(self._literal, copy=True)

    def _native(self, name: str, value: Value) -> object:
        if self.declared[name].type == "date":
            return dt.date.fromisoformat(str(value))
        return value

    def _literal(self, node: exp.Expr) -> exp.Expr:
        if not isinstance(node, exp.Placeholder):
            return node
        name = str(node.this)
        return typed_literal(name, self.declared[name].type, self.values[name])


def typed_literal(name: str, kind: str, value: Value) -> exp.Expr:
    """Return `CAST('…' AS type)` as syntax-tree nodes, for a value of a declared type.

    Every value is written as one quoted string, whatever its type: the generator doubles
    the quotes inside it, and the cast gives it its type on the server.
    """
    text = str(value).lower() if kind == "boolean" else str(value)
    if "\x00" in text:
        message = f"The SQL parameter {name!r} has a NUL character: {text!r}"
        raise InvalidRequestError(message)
    return exp.Cast(
        this=exp.Literal.string(text), to=exp.DataType.build(_TYPES[kind], DIALECT)
    )


_TYPES = {
    "date": "date",
    "integer": "bigint",
    "number": "double precision",
    "string": "text",
    "boolean": "boolean",
}
