"""The commands for a model's versions: versions, serving-at."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command(help={"version": "only this one, with all that is known of it"})
def versions(
    _context: Context, model: str = "", version: str = "", env: str = "local"
) -> Answer:
    """List a model's versions: state, metrics, and what each was made of.

    invoke versions --model tumor_malignancy
    invoke versions --model tumor_malignancy --version 3
    """
    from slipway.tasks.versioning import list_versions

    return list_versions(env, model, version)


@command(help={"at": "a moment such as 2026-01-31T12:00, in UTC"})
def serving_at(
    _context: Context, model: str = "", at: str = "", env: str = "local"
) -> Answer:
    """Tell which version of a model served at a moment, since when, and who made it so.

    invoke serving-at --model tumor_malignancy --at 2026-01-31T12:00
    """
    from slipway.tasks.versioning import tell_serving_at

    return tell_serving_at(env, model, at)
