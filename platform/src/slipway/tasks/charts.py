"""Runs a week as bars: of letters for a terminal, as SVG for a page."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from slipway.application.reports import WeekView

#: What a bar is made of: how a run ended, its letter, its colour.
_PARTS = (
    ("succeeded", "█", "#2a9d8f"),
    ("rejected", "▒", "#e9c46a"),
    ("undecided", "░", "#b0b0b0"),
)
#: The longest bar, in letters and in pixels.
_LETTERS, _PIXELS = 60, 480
_LABEL, _ROW = 260, 22


def text_chart(weeks: Sequence[WeekView]) -> str:
    """Return a line for each week and model, as long as its runs are many."""
    most = max((week.runs for week in weeks), default=1)
    name = max((len(week.model) for week in weeks), default=0)
    lines = []
    for week in weeks:
        bar = "".join(letter * _length(count, most) for letter, count in _bar(week))
        lines.append(f"{week.week}  {week.model:<{name}}  {bar} {week.runs}")
    legend = "  ".join(f"{letter} {word}" for word, letter, _colour in _PARTS)
    return "\n".join([*lines, legend])


def svg_chart(weeks: Sequence[WeekView]) -> str:
    """Return the same bars as a drawing that a browser shows."""
    most = max((week.runs for week in weeks), default=1)
    height = _ROW * (len(weeks) + 2)
    width = _LABEL + _PIXELS + 60
    shapes = [
        shape for row, week in enumerate(weeks) for shape in _row(row, week, most)
    ]
    shapes += _legend(_ROW * (len(weeks) + 1))
    body = "\n".join(f"  {shape}" for shape in shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' font-family="sans-serif" font-size="12">\n'
        f"  <title>Runs a week</title>\n{body}\n</svg>\n"
    )


def _bar(week: WeekView) -> Iterator[tuple[str, int]]:
    for word, letter, _colour in _PARTS:
        yield letter, getattr(week, word)


def _length(count: int, most: int) -> int:
    """Return how many letters stand for so many runs: one at least, for one at least."""
    if most <= _LETTERS:
        return count
    return max(1, round(count * _LETTERS / most)) if count else 0


def _row(row: int, week: WeekView, most: int) -> Iterator[str]:
    top, left = row * _ROW + 4, float(_LABEL)
    label = escape(f"{week.week}  {week.model}")
    yield f'<text x="{_LABEL - 8}" y="{top + 12}" text-anchor="end">{label}</text>'
    for word, _letter, colour in _PARTS:
        wide = getattr(week, word) * _PIXELS / most
        if wide:
            yield (
                f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="{_ROW - 8}"'
                f' fill="{colour}"><title>{getattr(week, word)} {word}</title></rect>'
            )
        left += wide
    yield f'<text x="{left + 6:.1f}" y="{top + 12}">{week.runs}</text>'


def _legend(top: int) -> Iterator[str]:
    for place, (word, _letter, colour) in enumerate(_PARTS):
        left = _LABEL + place * 120
        yield f'<rect x="{left}" y="{top}" width="12" height="12" fill="{colour}"/>'
        yield f'<text x="{left + 18}" y="{top + 11}">{word}</text>'
