"""The comparison of two answers of S3, but for what a table knows to differ."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from s3_calls import Call

ABSENT = "absent"
Pages = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, eq=False)
class _Anything:
    """Equal to every answer but one."""

    but: str | None = None

    def __eq__(self, other: object) -> bool:
        return other != self.but

    __hash__ = object.__hash__


@dataclass(frozen=True, eq=False)
class _Like:
    """Equal to every text of a pattern."""

    pattern: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and bool(re.fullmatch(self.pattern, other))

    __hash__ = object.__hash__


ANY, ANY_OR_NONE = _Anything(ABSENT), _Anything()
#: A checksum of all bytes, and not of the parts' checksums.
OF_WHOLE = _Like("(?!absent)[^-]+")


@dataclass(frozen=True)
class Difference:
    """One fact that moto answers otherwise than AWS."""

    methods: tuple[str, ...]
    #: A member of the answer, such as `ETag` or `Contents.Key`; or its `outcome`, status
    #: and code.
    fact: Any
    ours: Any
    motos: Any
    #: What AWS does, and where it says so.
    aws: str
    source: str
    #: Only calls with all of these members.
    given: tuple[str, ...] = ()

    def explains(self, call: Call, fact: str, ours: Any, motos: Any) -> bool:
        """Say whether this is what differs."""
        return (
            call.method in self.methods
            and fact == self.fact
            and self.ours == ours
            and self.motos == motos
            and all(name in call.members for name in self.given)
        )


def missing(
    *methods: str, facts: tuple[str, ...], aws: str, source: str
) -> Iterator[Difference]:
    """Return the differences of facts that moto leaves out."""
    for fact in facts:
        yield Difference(methods, fact, ANY, ABSENT, aws, source)


def unexplained(
    call: Call, ours: Pages, motos: Pages, known: Iterable[Difference]
) -> list[str]:
    """Return what differs between two answers and is not in the table."""
    return [
        f"{call}\n  {fact}: {one!r}, moto {other!r}"
        for fact, one, other in differing(ours, motos)
        if not any(each.explains(call, fact, one, other) for each in known)
    ]


def differing(ours: Pages, motos: Pages) -> Iterator[tuple[str, Any, Any]]:
    """Yield each fact that differs; where the outcome does, nothing else."""
    for page, other in zip_longest(ours, motos, fillvalue={}):
        same = page.get("outcome") == other.get("outcome")
        for fact in sorted({*page, *other}) if same else ["outcome"]:
            pair = page.get(fact, ABSENT), other.get(fact, ABSENT)
            if pair[0] != pair[1]:
                yield fact, *pair
