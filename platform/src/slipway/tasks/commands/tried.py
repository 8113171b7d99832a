"""The commands for what was tried: experiments, compare."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command(
    help={
        "model": "only this model (default: every model)",
        "weeks": "how many weeks back, this one included (default: 8)",
        "chart": "also write the bars to this file, as SVG",
    }
)
def experiments(
    _context: Context,
    model: str = "",
    weeks: str = "8",
    chart: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Count runs by model and week, from commit to verdict, and what rejects them.

    invoke experiments --model tumor_malignancy --weeks 4
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.experimenting import count_experiments

    return count_experiments(
        controller_of(env, controller), model, weeks=weeks, chart=chart
    )


@command(
    iterable=["tag", "run"],
    positional=[],
    help={
        "tag": "the newest run with this tag; may be given more than once",
        "run": "a run by its id; may be given more than once",
    },
)
def compare(
    _context: Context,
    tag: list[str],
    run: list[str],
    model: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Show runs of a model side by side: hyperparameters, metrics, verdict.

    invoke compare --model tumor_malignancy --tag usual --tag fewer
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.experimenting import compare_variants

    return compare_variants(controller_of(env, controller), model, run, tag)
