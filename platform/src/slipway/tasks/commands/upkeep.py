"""The commands that keep what is there in order: reconcile, operations."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command(
    help={
        "once": "one pass, then end (the default)",
        "watch": "pass after pass, until Ctrl-C",
        "sweep": "list too what is tagged as ours and has no row: asks SageMaker for all",
    }
)
def reconcile(
    _context: Context,
    env: str = "local",
    once: bool = False,
    watch: bool = False,
    sweep: bool = False,
) -> Answer:
    """Look at what is under way, move it, and report what was changed by hand.

    Jobs whose command died are followed to their end, endpoints are compared with what
    they should serve, and what takes too long is stuck, with advice. A model that
    a command moves is left to it. Exits with 1 where drift or something stuck remains.

        invoke reconcile --env local
        invoke reconcile --watch
        invoke reconcile --sweep --json
    """
    from slipway.tasks.reconciling import reconcile_environment

    return reconcile_environment(env, once=once, watch=watch, sweep=sweep)


@command(
    positional=[],
    help={
        "model": "only this model's (default: every model's)",
        "state": "only those in this state of docs/states.md, or unfinished",
        "limit": "how many lines, 1 to 1000",
        "after": "the id of the last line that you saw: go on with older ones",
    },
)
def operations(
    _context: Context,
    model: str = "",
    state: str = "",
    limit: int = 20,
    after: int = 0,
    env: str = "local",
) -> Answer:
    """List the calls to SageMaker that were ever intended, newest first.

    Each has where it stands, what SageMaker said last, how often its call failed, when
    it is looked at next, and why it ended.

        invoke operations --state unfinished
        invoke operations --model tumor_malignancy --limit 50 --after 1200
    """
    from slipway.tasks.listing import list_operations

    return list_operations(env, model, state=state, limit=limit, after=after)
