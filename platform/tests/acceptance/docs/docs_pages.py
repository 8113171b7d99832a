"""The repository's Markdown pages, and what they name."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[4]
_FOLDERS = ("docs", "platform", "models", "airflow", "ci", "sql")
#: A fence with its language, which a terminal's has none of; it may lie in a list.
_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
#: What stands before the name of a program: variables of its environment.
_VARIABLE = re.compile(r"^[A-Z_]+=")
_SEPARATORS = {"|", "&&", "||", ";", "&", ">", "<"}


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Where it is in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text("utf-8")

    @property
    def prose(self) -> str:
        """What is not inside a fence."""
        return _FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """Return the text inside each fence of `language`, without its indent."""
        return [
            dedent(text) for name, text in _FENCE.findall(self.text) if name == language
        ]

    @property
    def code(self) -> list[str]:
        """What stands between backticks in the prose."""
        return _INLINE.findall(self.prose)

    @property
    def links(self) -> list[str]:
        """The targets of its links."""
        return _LINK.findall(_INLINE.sub("", self.prose))

    @property
    def anchors(self) -> set[str]:
        """What a link into it may name: its headings, as GitHub spells them."""
        headings = (heading.lower() for heading in _HEADING.findall(self.prose))
        return {re.sub(r"[^\w\- ]", "", text).replace(" ", "-") for text in headings}

    @property
    def typed(self) -> list[str]:
        """The lines of its terminals that a reader types, without the prompt.

        A block in which a line begins with `$ ` shows a terminal: its other lines are
        output. A line that ends in a backslash goes on in the next.
        """
        lines = []
        for block in self.blocks(""):
            found = block.replace("\\\n", " ").splitlines()
            shown = [line[2:] for line in found if line.startswith("$ ")]
            lines += shown or [line.strip() for line in found]
        return lines

    @property
    def commands(self) -> list[list[str]]:
        """The words of each `invoke` and `make` that it names anywhere."""
        return list(_commands([*self.typed, *self.code]))


def pages() -> list[Page]:
    """Return every page that belongs to the repository."""
    found = [*ROOT.glob("*.md")]
    for folder in _FOLDERS:
        found += (ROOT / folder).rglob("*.md")
    inner = (path.relative_to(ROOT) for path in found)
    return [Page(ROOT / path) for path in sorted(inner) if not _hidden(path)]


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _commands(lines: list[str]) -> Iterator[list[str]]:
    for line in lines:
        if not re.search(r"\b(invoke|make) ", line):
            continue
        for words in _programs(line):
            while words and _VARIABLE.match(words[0]):
                words = words[1:]
            if len(words) > 1 and words[0] in {"invoke", "make"}:
                yield words


def _programs(line: str) -> Iterator[list[str]]:
    """Yield the words of each program of a line of shell."""
    try:
        words = shlex.split(line, comments=True)
    except ValueError:  # no shell: prose with an apostrophe
        return
    program: list[str] = []
    for word in words:
        if word in _SEPARATORS:
            yield program
            program = []
        else:
            program.append(word)
    yield program
