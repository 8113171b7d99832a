"""The database's own clock, in SQL."""

from typing import Any

from sqlalchemy import Double
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class database_now(FunctionElement[float]):  # noqa: N801 - spelled as SQL functions are
    """Seconds since 1970, as the database's clock says when the statement runs."""

    type = Double()
    inherit_cache = True


@compiles(database_now, "postgresql")
def _postgresql(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS double precision)"


@compiles(database_now, "sqlite")
def _sqlite(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"
