"""The state machines, drawn: what `docs/states.md` holds."""

from slipway.controller.states import CHARTS, Chart

_HEAD = """\
# States

Written from `slipway.controller.states` by `make docs`; do not edit.

Every change of a state is one row in the table `transition`, written in the same
transaction as the change itself.
"""


def states_page() -> str:
    """Return the page: for each chart a picture and a sentence on each arrow."""
    return "\n".join([_HEAD, *(_section(chart) for chart in CHARTS.values())])


def _section(chart: Chart) -> str:
    title = chart.kind.replace("_", " ").capitalize()
    arrows = [
        f"    {source} --> {arrow.target}: {arrow.trigger}"
        for arrow in chart.arrows
        for source in arrow.sources
    ]
    rows = [
        f"| `{arrow.trigger}` | {', '.join(arrow.sources)} | {arrow.target}"
        f" | {arrow.when} |"
        for arrow in chart.arrows
    ]
    lines = [
        f"## {title}",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {chart.initial}",
        *arrows,
        "```",
        "",
        "| trigger | from | to | fired when |",
        "|---|---|---|---|",
        *rows,
        "",
    ]
    return "\n".join(lines)
