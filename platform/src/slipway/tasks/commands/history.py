"""The commands for a model's versions: versions, approve, reject, serving-at."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command(help={"version": "only this one, with all that is known of it"})
def versions(
    _context: Context,
    model: str = "",
    version: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """List a model's versions: state, metrics, and what each was made of.

    invoke versions --model tumor_malignancy
    invoke versions --model tumor_malignancy --version 3
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.versioning import list_versions

    return list_versions(controller_of(env, controller), model, version)


_JUDGED = {
    "version": "the number of a version: invoke versions lists them",
    "reason": "why, in a few words: it is kept",
}


@command(positional=[], help=_JUDGED)
def approve(
    _context: Context,
    model: str = "",
    version: int = 0,
    reason: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Let a version serve that met its gates and waits for a person's word.

    A model waits when its model.yaml says `approval: person`. What waits for the word
    goes on: Airflow's training deploys, and so does `invoke deploy` given again.

        invoke approve --model tumor_malignancy --version 3 --reason "reviewed"
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.judging import Verdict, judge_version

    verdict = Verdict("approve", model, version, reason)
    return judge_version(controller_of(env, controller), verdict)


@command(positional=[], help=_JUDGED)
def reject(
    _context: Context,
    model: str = "",
    version: int = 0,
    reason: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Refuse a version: it may not serve, and an equal training makes no other one.

    A training that waits for the word ends without a deployment. What serves is not
    refused: invoke rollback takes it back.

        invoke reject --model tumor_malignancy --version 3 --reason "wrong for children"
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.judging import Verdict, judge_version

    verdict = Verdict("reject", model, version, reason)
    return judge_version(controller_of(env, controller), verdict)


@command(help={"at": "a moment such as 2026-01-31T12:00, in UTC"})
def serving_at(
    _context: Context,
    model: str = "",
    at: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Tell which version of a model served at a moment, since when, and who made it so.

    invoke serving-at --model tumor_malignancy --at 2026-01-31T12:00
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.versioning import tell_serving_at

    return tell_serving_at(controller_of(env, controller), model, at)
