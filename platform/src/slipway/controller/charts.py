"""The state machines, drawn: what `docs/states.md` holds."""

from slipway.controller.states import CHARTS, Arrow, Chart, State
from slipway.controller.states.chart import HOUR

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
    lines = [
        f"## {title}",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {chart.initial}",
        *_drawn(chart),
        "```",
        "",
        "| state | means | deadline | advice |",
        "|---|---|---|---|",
        *(_state_row(state) for state in chart.states),
        "",
        "| trigger | from | to | fired when |",
        "|---|---|---|---|",
        *(_arrow_row(chart, arrow) for arrow in chart.arrows),
        "",
    ]
    return "\n".join(lines)


def _drawn(chart: Chart) -> list[str]:
    """Return the picture's arrows; one that starts everywhere is drawn once."""
    return [
        f"    {source} --> {arrow.target}: {arrow.trigger}"
        for arrow in chart.arrows
        for source in (("any_other",) if _anywhere(chart, arrow) else arrow.sources)
    ]


def _state_row(state: State) -> str:
    deadline = f"{state.deadline / HOUR:g} h" if state.deadline else ""
    return f"| `{state.name}` | {state.means} | {deadline} | {state.advice} |"


def _arrow_row(chart: Chart, arrow: Arrow) -> str:
    sources = "any other" if _anywhere(chart, arrow) else ", ".join(arrow.sources)
    return f"| `{arrow.trigger}` | {sources} | {arrow.target} | {arrow.when} |"


def _anywhere(chart: Chart, arrow: Arrow) -> bool:
    return {*arrow.sources, arrow.target} == set(chart.names) and bool(
        arrow.sources[3:]
    )
