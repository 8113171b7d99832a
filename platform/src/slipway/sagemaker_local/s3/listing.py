"""Objects in the order of their keys, with S3's common prefixes."""

from collections.abc import Iterator
from dataclasses import dataclass

from slipway.sagemaker_local.s3.catalogue import (
    Catalogue,
    StoredObject,
    stored_object,
)

_BATCH = 1000
_LAST_BEFORE_SURROGATES, _FIRST_AFTER_SURROGATES = 0xD7FF, 0xE000
_LAST_CODE_POINT = 0x10FFFF


@dataclass(frozen=True)
class Page:
    """One answer to a listing."""

    objects: tuple[StoredObject, ...]
    common_prefixes: tuple[str, ...]
    #: The last entry, where there is more; the next page starts after it.
    last: str | None


def scan(catalogue: Catalogue, bucket: str, prefix: str) -> Iterator[StoredObject]:
    """Yield every object under a prefix, by key."""
    after = None
    while True:
        batch = _rows(catalogue, bucket, prefix, after, _BATCH)
        yield from batch
        if len(batch) < _BATCH:
            return
        after = batch[-1].key


def page(
    catalogue: Catalogue,
    bucket: str,
    *,
    prefix: str = "",
    delimiter: str = "",
    after: str | None = None,
    limit: int = _BATCH,
) -> Page:
    """Return at most `limit` entries after `after`, common prefixes counted as one."""
    objects: list[StoredObject] = []
    prefixes: list[str] = []
    cursor, last = after, None
    if limit <= 0:
        return Page((), (), None)
    while batch := _rows(catalogue, bucket, prefix, cursor, limit + 1):
        for stored in batch:
            common = _common_prefix(stored.key, prefix, delimiter)
            entry = common or stored.key
            if len(objects) + len(prefixes) == limit and not _seen(entry, after):
                return Page(tuple(objects), tuple(prefixes), last)
            if common is None:
                objects.append(stored)
                cursor = last = stored.key
                continue
            if not _seen(common, after):
                prefixes.append(common)
                last = common
            cursor = _last_under(common)
            break
        else:
            if len(batch) <= limit:
                break
    return Page(tuple(objects), tuple(prefixes), None)


def _seen(entry: str, after: str | None) -> bool:
    return after is not None and entry <= after


def _common_prefix(key: str, prefix: str, delimiter: str) -> str | None:
    if not delimiter:
        return None
    end = key.find(delimiter, len(prefix))
    return None if end < 0 else key[: end + len(delimiter)]


def _rows(
    catalogue: Catalogue, bucket: str, prefix: str, after: str | None, limit: int
) -> list[StoredObject]:
    """Return the objects under a prefix with keys greater than `after`."""
    sql = "SELECT * FROM object WHERE bucket = ? AND key >= ?"
    values: list[str | int] = [bucket, prefix]
    if after is not None:
        sql += " AND key > ?"
        values.append(after)
    if (end := successor(prefix)) is not None:
        sql += " AND key < ?"
        values.append(end)
    sql += " ORDER BY key LIMIT ?"
    return [stored_object(row) for row in catalogue.rows(sql, [*values, limit])]


def _last_under(prefix: str) -> str:
    """Return a string at or after every key that starts with a prefix."""
    return prefix + chr(_LAST_CODE_POINT) * 256


def successor(prefix: str) -> str | None:
    """Return the first string after all that start with a prefix; None for no end."""
    while prefix:
        last = ord(prefix[-1])
        if last == _LAST_CODE_POINT:
            prefix = prefix[:-1]
            continue
        after = last + 1
        if last == _LAST_BEFORE_SURROGATES:
            after = _FIRST_AFTER_SURROGATES
        return prefix[:-1] + chr(after)
    return None
