"""Where an extract comes from: one interface over the kinds of warehouse."""

from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from typing import Any, Protocol

import pyarrow as pa

from slipway.container.extract.query import Query
from slipway.container.paths import Paths
from slipway.errors import InvalidRequestError, SlipwayError, suggestion

#: The kinds that parameters.json may name.
KINDS = ("lake", "postgresql")
#: Batches that are read before they are asked for, so that the warehouse never waits
#: while a file is closed.
READ_AHEAD = 2


class Warehouse(Protocol):
    """A place that answers a query with a stream of Arrow batches."""

    def stream(
        self, query: Query, batch_rows: int
    ) -> AbstractContextManager[pa.RecordBatchReader]:
        """Run `query` and give its answer batch by batch, in bounded memory."""
        ...


def open_warehouse(asked: Mapping[str, Any], paths: Paths) -> Warehouse:
    """Return the warehouse that parameters.json names; import what it alone needs."""
    kind = str(asked.get("kind"))
    if kind == "lake":
        from slipway.container.extract.lake import Lake  # start-up time

        return Lake(paths.warehouse)
    if kind == "postgresql":
        from slipway.container.extract.credentials import (  # boto3
            read_credentials,
        )
        from slipway.container.extract.postgresql import (  # ADBC
            Postgresql,
        )

        return Postgresql(read_credentials(asked))
    message = f"{kind!r} is not a kind of warehouse.{suggestion(kind, KINDS)}"
    raise InvalidRequestError(message)


def read_ahead(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    """Yield each batch, while the next ones are read by a thread of its own."""
    try:
        with ThreadPoolExecutor(max_workers=1) as thread:
            coming = deque(thread.submit(next, reader, None) for _ in range(READ_AHEAD))
            while (batch := coming.popleft().result()) is not None:
                coming.append(thread.submit(next, reader, None))
                yield batch
    except (pa.ArrowException, OSError) as error:
        reason = str(error).replace("\n", " ")
        message = f"extract.sql: the warehouse broke off its answer: {reason}"
        raise SlipwayError(message) from error
