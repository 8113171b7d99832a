"""The commands that look: status, logs."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command()
def status(
    _context: Context, model: str = "", env: str = "local", controller: str = ""
) -> Answer:
    """Show what serves, the last runs and their steps; of one model, or of all.

    invoke status
    invoke status --model tumor_malignancy
    """
    from slipway.tasks.inspecting import show_status

    return show_status(env, model, controller)


@command(
    help={
        "step": "extract, preprocess, train, or deploy for the endpoint's own"
        " (default: all of them)"
    }
)
def logs(
    _context: Context,
    model: str = "",
    step: str = "",
    env: str = "local",
) -> Answer:
    """Print what the last job of each step of a model wrote, and its endpoint.

    invoke logs --model tumor_malignancy --step train
    """
    from slipway.tasks.inspecting import show_logs

    return show_logs(env, model, step)
