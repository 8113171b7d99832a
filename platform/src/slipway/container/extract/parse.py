"""SQL text, its tokens, and the one statement that it may hold."""

from dataclasses import dataclass
from functools import cached_property

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.errors import ParseError, TokenError

from slipway.errors import SqlError

#: The dialect that scripts are written in; DuckDB's is translated from it.
DIALECT = "postgres"


@dataclass(frozen=True)
class Source:
    """The text of a SQL script, and the name that errors call it by."""

    #: The file's name.
    name: str
    #: The whole text.
    text: str

    @cached_property
    def tokens(self) -> list[Token]:
        """The text's tokens; comments are none."""
        try:
            return sqlglot.tokenize(self.text, dialect=DIALECT)
        except TokenError as error:
            reason = "a quote or a comment is opened and never closed"
            message = f"{self.name}: {reason} ({error})"
            raise SqlError(message) from error

    def error(self, start: int, reason: str) -> SqlError:
        """Return an error for what is wrong at the offset `start`."""
        line = self.text.count("\n", 0, start) + 1
        column = start - self.text.rfind("\n", 0, start)
        return SqlError(f"{self.name}:{line}:{column}: {reason}")

    def error_at(self, node: exp.Expr, reason: str) -> SqlError:
        """Return an error for what is wrong in `node`, at the closest place known."""
        starts = [part.meta["start"] for part in node.walk() if "start" in part.meta]
        if not starts:
            return SqlError(f"{self.name}: {reason}")
        return self.error(min(starts), reason)


def parse_select(source: Source) -> exp.Expr:
    """Return the script's one SELECT (or UNION of them); raise SqlError for all else."""
    _refuse_other_statements(source)
    try:
        tree = next(filter(None, sqlglot.parse(source.text, dialect=DIALECT)))
    except ParseError as error:
        raise _syntax_error(source, error) from error
    if not isinstance(tree, exp.Query):
        reason = f"a script must be one SELECT; this is {type(tree).__name__.upper()}"
        raise source.error_at(tree, reason)
    return tree


def _refuse_other_statements(source: Source) -> None:
    """Refuse by its tokens what the parser would warn of, or read as something else."""
    tokens = source.tokens
    if not tokens:
        message = f"{source.name}: the script is empty; it must be one SELECT"
        raise SqlError(message)
    first = tokens[0]
    if first.token_type not in _OPENERS:
        reason = f"a script must be one SELECT; this begins with {first.text.upper()!r}"
        raise source.error(first.start, reason)
    for index, token in enumerate(tokens):
        if token.token_type is TokenType.SEMICOLON and index + 1 < len(tokens):
            after = tokens[index + 1]
            if after.token_type is TokenType.SEMICOLON:
                continue
            reason = (
                "a script must be one SELECT; a second statement begins here with"
                f" {after.text.upper()!r}"
            )
            raise source.error(after.start, reason)
        if token.token_type in _BRACES:
            reason = "templates are not supported: name a parameter as :name instead"
            raise source.error(token.start, reason)


def _syntax_error(source: Source, error: ParseError) -> SqlError:
    fault = error.errors[0] if error.errors else {}
    near = str(fault.get("highlight") or "").strip()
    reason = f"this is not valid SQL near {near!r}" if near else "this is not valid SQL"
    line, column = fault.get("line"), fault.get("col")
    if line is None or column is None:
        return SqlError(f"{source.name}: {reason}: {error}")
    first = max(column - len(near) + 1, 1)
    return SqlError(f"{source.name}:{line}:{first}: {reason}")


_OPENERS = frozenset({TokenType.SELECT, TokenType.WITH, TokenType.L_PAREN})
_BRACES = frozenset({TokenType.L_BRACE, TokenType.BLOCK_START, TokenType.BLOCK_END})
