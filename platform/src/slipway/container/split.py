"""Which rows a model learns from: decided by the hash of each row's key."""

import hashlib

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from slipway.errors import InvalidRequestError
from slipway.spec import Split

#: The splits, in the order of their shares.
NAMES = ("train", "validation", "test")


def split_rows(table: pa.Table, key: str, shares: Split) -> dict[str, pa.Table]:
    """Return the rows of each split.

    A row's place depends on the text of its key alone: not on the machine, the order of
    the rows, or the other rows. Raise when training or testing would have no row.
    """
    places = key_fractions(table.column(key))
    bounds = np.array([shares.train, shares.train + shares.validation])
    chosen = np.searchsorted(bounds, places, side="right")
    if not shares.validation:
        chosen[chosen == 1] = 2
    parts = {
        name: table.filter(pa.array(chosen == number))
        for number, name in enumerate(NAMES)
    }
    for name in ("train", "test"):
        if not parts[name].num_rows:
            message = (
                f"The {name} split has no rows: {table.num_rows} rows are too few for"
                f" split.{name} of {getattr(shares, name)} in model.yaml"
            )
            raise InvalidRequestError(message)
    return parts


def key_fractions(
    keys: pa.ChunkedArray,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return a number in [0, 1) for each key: its text's BLAKE2b hash, scaled."""
    texts = pc.cast(keys, pa.string()).to_pylist()
    digest = hashlib.blake2b
    hashes = b"".join(digest(text.encode(), digest_size=8).digest() for text in texts)
    # 53 bits are what a float holds exactly: the fraction never rounds up to 1.
    return (np.frombuffer(hashes, dtype=">u8") >> np.uint64(11)) / 2.0**53
