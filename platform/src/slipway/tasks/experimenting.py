"""What was tried of models, counted and compared, for people and machines."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import RenderableType
from rich.markup import escape

from slipway.application.workspace import Workspace
from slipway.controller.experiments import Tally, experiments, monday, tally
from slipway.controller.variants import Variant, variants
from slipway.errors import InvalidRequestError
from slipway.spec import model_names
from slipway.tasks.charts import svg_chart, text_chart
from slipway.tasks.command import Answer
from slipway.tasks.terminal import table

_MOST_WEEKS = 520
_COLUMNS = ("week", "model", "runs", "succeeded", "rejected", "undecided")


def count_experiments(env: str, model: str, *, weeks: str, chart: str) -> Answer:
    """Count the runs of a model, or of all, over the last weeks."""
    workspace = Workspace.open(env)
    if model:
        workspace.folder(model)
    path = _chart_path(chart)
    names = [model] if model else model_names(workspace.settings.models)
    this_week = monday(dt.datetime.now(dt.UTC).date())
    first = this_week - dt.timedelta(weeks=_weeks(weeks) - 1)
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    environment = workspace.settings.environment.name
    found = tally(experiments(workspace.store.database, environment, names, since))
    if path is not None:
        path.write_text(svg_chart(found.weeks), encoding="utf-8")
    data = {"since": first.isoformat(), "chart": chart or None, **found.as_dict()}
    return Answer(data, tuple(_shown(found, first)))


def compare_variants(
    env: str, model: str, run_ids: Sequence[str], tags: Sequence[str]
) -> Answer:
    """Show runs side by side."""
    if len(run_ids) + len(tags) < 2:
        message = "Which runs? Give --tag <tag> or --run <run id> twice or more"
        raise InvalidRequestError(message)
    context = Workspace.open(env).declared(model)
    found = variants(context, run_ids, tags)
    headings = ("", *(", ".join(one.tags) or one.run_id for one in found))
    shown = table(headings, [_row(name, values) for name, values in _rows(found)])
    data = {"model": model, "runs": [one.as_dict() for one in found]}
    return Answer(data, (shown, "Where the runs differ, the row is marked with *"))


def _shown(found: Tally, first: dt.date) -> Iterator[RenderableType]:
    if not found.weeks:
        yield f"No run was opened since {first}. Open one: invoke run --model <name>"
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
    for gate, count in found.rejected_by.items():
        share = count / found.verdicts
        yield f"{gate} rejected {count} of {found.verdicts} verdicts ({share:.0%})"


def _time_line(found: Tally) -> str:
    p50, p90 = found.percentile(0.5), found.percentile(0.9)
    if p50 is None or p90 is None:
        return "From commit to verdict: no committed folder has a verdict yet"
    return (
        f"From commit to verdict: half within {_period(p50)}, nine of ten within"
        f" {_period(p90)} ({len(found.commit_to_verdict)} commits)"
    )


def _period(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds:.0f} s"


def _rows(found: Sequence[Variant]) -> Iterator[tuple[str, list[object]]]:
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
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_WEEKS:
        message = f"--weeks {text!r} is not a number from 1 to {_MOST_WEEKS}"
        raise InvalidRequestError(message)
    return int(text)


def _chart_path(chart: str) -> Path | None:
    path = Path(chart)
    if chart and (path.suffix != ".svg" or not path.parent.is_dir()):
        message = f"--chart {chart!r} is not a file .svg in a folder that is there"
        raise InvalidRequestError(message)
    return path if chart else None
