"""Filter patterns of terms: all of them, none of them, or one of them in a line."""

import re
from dataclasses import dataclass

from slipway.sagemaker_local.logs.faults import invalid

_TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))(?=\s|$)')
_BARE = re.compile(r"\w+")
#: What begins the patterns of JSON, of columns and of regular expressions.
_OTHERS = {"{": "JSON", "[": "space-delimited fields", "%": "regular expressions"}


@dataclass(frozen=True)
class Pattern:
    """What a line must hold, and what it may not."""

    #: All of these.
    required: tuple[str, ...] = ()
    #: None of these.
    excluded: tuple[str, ...] = ()
    #: One of these, where there are any.
    optional: tuple[str, ...] = ()

    def matches(self, line: str) -> bool:
        """Say whether a line is wanted; terms are held to the letter."""
        return (
            all(term in line for term in self.required)
            and not any(term in line for term in self.excluded)
            and (not self.optional or any(term in line for term in self.optional))
        )


def pattern_of(text: str) -> Pattern:
    """Read a filter pattern; one that is more than terms is refused by its name."""
    terms = _terms(text.strip())
    parts: dict[str, list[str]] = {"": [], "-": [], "?": []}
    for sign, term in terms:
        parts[sign].append(term)
    if parts["?"] and len(parts["?"]) < len(terms):
        message = (
            f"The filter pattern '{text}' has terms with '?' beside others, of which "
            "CloudWatch Logs would ignore those with '?'. Use either kind alone"
        )
        raise invalid(message)
    return Pattern(*(tuple(parts[sign]) for sign in ("", "-", "?")))


def _terms(text: str) -> list[tuple[str, str]]:
    if text[:1] in _OTHERS:
        message = (
            f"The local server does not support filter patterns of {_OTHERS[text[0]]}: "
            f"'{text}'. Supported: terms that must be in a line, '-' before those that "
            "may not, and '?' before those of which one must"
        )
        raise invalid(message)
    found, position = [], 0
    while position < len(text):
        match = _TERM.match(text, position)
        if match is None:
            message = f"Invalid filter pattern: '{text}'"
            raise invalid(message)
        sign, quoted, bare = match.groups()
        if bare is not None and not _BARE.fullmatch(bare):
            message = f"Invalid character(s) in term '{bare}'"
            raise invalid(message)
        term = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        found.append((sign, term))
        position = match.end()
    return found
