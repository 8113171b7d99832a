"""The commands that keep what is there in order: reconcile, operations, retire, gc."""

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
    controller: str = "",
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

    return reconcile_environment(
        env, once=once, watch=watch, sweep=sweep, controller=controller
    )


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
    controller: str = "",
) -> Answer:
    """List the calls to SageMaker that were ever intended, newest first.

    Each has where it stands, what SageMaker said last, how often its call failed, when
    it is looked at next, and why it ended.

        invoke operations --state unfinished
        invoke operations --model tumor_malignancy --limit 50 --after 1200
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.listing import list_operations

    asked = controller_of(env, controller)
    return list_operations(asked, model, state=state, limit=limit, after=after)


@command(
    positional=[],
    help={
        "version": "the number of a version: it may not serve again",
        "run": "the id of a run instead: what it wrote is not needed any more",
        "reason": "why, in a few words: it is kept",
    },
)
def retire(
    _context: Context,
    model: str = "",
    version: int = 0,
    run: str = "",
    reason: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Say for good that a version may not serve again, or that a run is not needed.

    A tombstone is written to S3 and to the history. Nothing is deleted: `invoke gc`
    does that. What serves, or `invoke rollback` would go back to, is refused.

        invoke retire --model tumor_malignancy --version 2 --reason "leaked labels"
        invoke retire --run 20260131-e44c448751 --reason "trained by mistake"
    """
    from slipway.tasks.collecting import Doomed
    from slipway.tasks.collecting import retire as retire_now

    asked = Doomed(model, version, run, reason)
    return retire_now(env, asked, controller)


@command(
    positional=[],
    help={
        "model": "only this model (default: every model)",
        "keep": "the last versions that are kept whatever happens (default: 3)",
        "apply": "delete what would go; without it nothing is changed",
    },
)
def gc(
    _context: Context,
    model: str = "",
    env: str = "local",
    keep: int = 3,
    apply: bool = False,
    controller: str = "",
) -> Answer:
    """Show what nothing needs any more, with sizes and reasons; delete it with --apply.

    Endpoint configs and SageMaker models that serve nothing, the files of retired
    versions and runs, images of old code. What an endpoint serves or can go back to,
    the champion, the last versions and whatever goes on stay. Interrupted, the same
    command goes on.

        invoke gc
        invoke gc --model tumor_malignancy --keep 1 --apply
    """
    from slipway.controller.garbage.collect import Wish
    from slipway.tasks.collecting import collect

    return collect(env, model, Wish(keep, apply), controller)
