"""What was tried of models, counted and compared, for people and machines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.markup import escape

from slipway.application.reports import ExperimentsView, VariantView
from slipway.errors import InvalidRequestError
from slipway.tasks.charts import svg_chart, text_chart
from slipway.tasks.command import Answer
from slipway.tasks.controllers import Controller, known_model, whole_number
from slipway.tasks.terminal import table

_MOST_WEEKS = 520
_SAME_RUN = (
    "Columns are the same run: a tag means the newest run that has it; name an older one"
    " by --run"
)
_COLUMNS = ("week", "model", "runs", "succeeded", "rejected", "undecided")


def count_experiments(
    controller: Controller, model: str, *, weeks: str, chart: str
) -> Answer:
    """Count the runs of a model, or of all, over the last weeks."""
    path, wanted = _chart_path(chart), _weeks(weeks)
    asked = {"weeks": wanted, "model": model or None}
    found = controller.ask("environment.experiments", **asked)
    if path is not None:
        path.write_text(svg_chart(found.weeks), encoding="utf-8")
    data = {**found.model_dump(mode="json"), "chart": chart or None}
    return Answer(data, tuple(_shown(found)))


def compare_variants(
    controller: Controller, model: str, run_ids: Sequence[str], tags: Sequence[str]
) -> Answer:
    """Show runs side by side."""
    if len(run_ids) + len(tags) < 2:
        message = "Which runs? Give --tag <tag> or --run <run id> twice or more"
        raise InvalidRequestError(message)
    model = known_model(controller, model)
    asked = {"runs": list(run_ids), "tags": list(tags)}
    found = controller.ask("model.compare", model=model, **asked)
    headings = ("", *(", ".join(one.tags) or one.run_id for one in found.runs))
    shown = table(headings, [_row(name, values) for name, values in _rows(found.runs)])
    told = "Where the runs differ, the row is marked with *"
    if len({one.run_id for one in found.runs}) < len(found.runs):
        told = f"{told}. {_SAME_RUN}"
    return Answer(found.model_dump(mode="json"), (shown, told))


def _shown(found: ExperimentsView) -> Iterator[RenderableType]:
    if not found.weeks:
        yield f"No run was opened since {found.since}. Open one: invoke run --model <name>"
        return
    rows = [
        (
            week.week.isoformat(),
            week.model,
            *map(str, (week.runs, week.succeeded, week.rejected, week.undecided)),
        )
        for week in found.weeks
    ]
    yield table(_COLUMNS, rows)
    yield ""
    yield text_chart(found.weeks)
    yield ""
    yield _time_line(found)
    for gate, by in found.rejected_by.items():
        count, share = by.runs, by.runs / found.verdicts
        yield f"{gate} rejected {count} of {found.verdicts} verdicts ({share:.0%})"


def _time_line(found: ExperimentsView) -> str:
    waits = found.commit_to_verdict
    p50, p90 = waits.p50_seconds, waits.p90_seconds
    if p50 is None or p90 is None:
        return "From commit to verdict: no committed folder has a verdict yet"
    return (
        f"From commit to verdict: half within {_period(p50)}, nine of ten within"
        f" {_period(p90)} ({waits.commits} commits)"
    )


def _period(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def _rows(found: Sequence[VariantView]) -> Iterator[tuple[str, list[object]]]:
    """Yield a name and each run's value, for what any of the runs has."""
    yield "run", [one.run_id for one in found]
    yield "verdict", [one.verdict for one in found]
    yield "version", [one.version for one in found]
    yield "run date", [one.run_date for one in found]
    yield "commit", [one.code_commit[:12] or "not committed" for one in found]
    for prefix in ("hyperparameters", "overrides", "metrics"):
        held = [getattr(one, prefix) for one in found]
        for name in sorted({name for values in held for name in values}):
            shown = name if prefix == "overrides" else f"{prefix[:-1]} {name}"
            yield shown, [values.get(name) for values in held]
    yield "reason", [one.reason for one in found]


def _row(name: str, values: Sequence[object]) -> tuple[str, ...]:
    shown = [_value(value) for value in values]
    mark = " *" if len(set(shown)) > 1 else ""
    return (f"{name}{mark}", *map(escape, shown))


def _value(value: object) -> str:
    if value is None or value == "":
        return "-"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _weeks(text: str) -> int:
    weeks = whole_number("--weeks", text)
    if not 1 <= weeks <= _MOST_WEEKS:
        message = f"--weeks {weeks} is not a number from 1 to {_MOST_WEEKS}"
        raise InvalidRequestError(message)
    return weeks


def _chart_path(chart: str) -> Path | None:
    path = Path(chart)
    if chart and (path.suffix != ".svg" or not path.parent.is_dir()):
        message = f"--chart {chart!r} is not a file .svg in a folder that is there"
        raise InvalidRequestError(message)
    return path if chart else None
