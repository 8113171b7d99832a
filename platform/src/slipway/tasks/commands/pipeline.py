"""The commands that move a model: run, deploy, promote, rollback, score, predict, stop."""

from dataclasses import replace

from invoke.context import Context

from slipway.tasks.command import Answer, command

#: The options that say how traffic shifts, for one deployment.
_SHIFT = {
    "canary": "begin with this share of the traffic, in percent: 1 to 50",
    "linear": "add this share of the traffic each time, in percent: 10 to 50",
    "all-at-once": "shift all traffic at once",
    "bake": "seconds that each share is watched by the alarms of model.yaml",
}

_EXPECTS = {"expect-version": "go on only if this version serves now (0: none does)"}


@command(
    iterable=["param", "set", "tag"],
    positional=[],
    help={
        "set": "key=value for this run alone, such as train.max_iterations=200; may be"
        " given more than once (keys: invoke --help config.set)",
        "tag": "a name to find this run by among others; may be given more than once",
    },
)
def run(
    _context: Context,
    param: list[str],
    set: list[str],  # noqa: A002 - the option's name
    tag: list[str],
    model: str = "",
    date: str = "",
    env: str = "local",
    force: bool = False,
    controller: str = "",
) -> Answer:
    """Take a model from its SQL script to a registered version; deploy nothing.

    Steps whose inputs did not change are taken from the cache. A run that failed or
    was interrupted goes on where it was: give the same command again.

        invoke run --model tumor_malignancy --date 2026-01-31
        invoke run --model tumor_malignancy --set train.max_iterations=200 --tag fewer
    """
    from slipway.tasks.moving import Wish, run_model

    wish = Wish(model, date, tuple(param), force=force, controller=controller)
    return run_model(env, replace(wish, settings=tuple(set), tags=tuple(tag)))


@command(
    iterable=["param"],
    positional=[],
    help={**_SHIFT, **_EXPECTS},
)
def deploy(
    _context: Context,
    param: list[str],
    model: str = "",
    date: str = "",
    env: str = "local",
    force: bool = False,
    controller: str = "",
    expect_version: str = "",
    canary: str = "",
    linear: str = "",
    all_at_once: bool = False,
    bake: str = "",
) -> Answer:
    """Take a model from its SQL script to a verified endpoint.

    Extract, quality gate, preprocess, train, evaluate, register, deploy. The endpoint
    changes last, by blue/green, and only to a version that passed its gates; it is
    asked a question before the command ends. If anything fails, what served before
    serves on.

    How the traffic shifts, and which alarms bring the old version back, is in
    model.yaml (endpoint.deployment); the options change it for this run. An alarm
    without data holds the deployment: invoke promote goes on, invoke rollback ends it.

        invoke deploy --model tumor_malignancy --date 2026-01-31
        invoke deploy --model tumor_malignancy --canary 10 --bake 60
    """
    from slipway.tasks.deploying import shift_of
    from slipway.tasks.moving import Wish, deploy_model

    shift = shift_of(canary=canary, linear=linear, all_at_once=all_at_once, bake=bake)
    wish = Wish(model, date, tuple(param), force=force, controller=controller)
    return deploy_model(env, replace(wish, expects=expect_version, shift=shift))


@command(iterable=["param"], positional=[])
def plan(
    _context: Context,
    param: list[str],
    model: str = "",
    date: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Tell what `invoke deploy` would change against what is live; change nothing.

    Which steps would run, which version would serve, each field of the SageMaker model,
    the endpoint config and the endpoint that would be another, and what somebody
    changed by hand.

        invoke plan --model tumor_malignancy --date 2026-01-31
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.planning import plan_deployment

    asked = controller_of(env, controller)
    return plan_deployment(asked, model, date=date, parameters=param)


@command(
    positional=[],
    help={
        **_SHIFT,
        **_EXPECTS,
        "version": "the version to deploy (default: the one that is being deployed)",
        "reason": "why, for the history",
    },
)
def promote(
    _context: Context,
    model: str = "",
    version: str = "",
    reason: str = "",
    env: str = "local",
    expect_version: str = "",
    canary: str = "",
    linear: str = "",
    all_at_once: bool = False,
    bake: str = "",
    controller: str = "",
) -> Answer:
    """Let a deployment go on that holds or is watched, or deploy a known version.

    You answer for it: missing data hold it no more, and a version that failed before is
    sent again when you name it. An alarm that goes off still brings the old one back.

        invoke promote --model tumor_malignancy --reason "few requests at night"
        invoke promote --model tumor_malignancy --version 3
    """
    from slipway.tasks.deploying import Asked, promote_model, shift_of

    shift = shift_of(canary=canary, linear=linear, all_at_once=all_at_once, bake=bake)
    asked = Asked(env, model, controller, expect_version)
    return promote_model(asked, version=version, reason=reason, shift=shift)


@command(positional=[], help={**_EXPECTS, "reason": "why, for the history"})
def rollback(
    _context: Context,
    model: str = "",
    reason: str = "",
    env: str = "local",
    expect_version: str = "",
    controller: str = "",
) -> Answer:
    """Serve what served before, verified; a deployment that is under way is ended.

    The config and the artifact of the version before are kept, so nothing is built or
    trained. What was rolled back is not deployed again by itself. Given again, it goes
    one further back: from 3 to 2, then to 1. To come forward, name a version: invoke
    promote --version 3.

        invoke rollback --model tumor_malignancy --reason "wrong for children"
    """
    from slipway.tasks.deploying import Asked, roll_back_model

    asked = Asked(env, model, controller, expect_version)
    return roll_back_model(asked, reason=reason)


@command(
    iterable=["param"],
    positional=[],
    help={"version": "the version to score with (default: what serves)"},
)
def score(
    _context: Context,
    param: list[str],
    model: str = "",
    date: str = "",
    version: int = 0,
    env: str = "local",
    force: bool = False,
    controller: str = "",
) -> Answer:
    """Score every row of a date in a batch, and publish the predictions in S3.

    Extract, quality gate, preprocess, transform, publish. Each prediction stands beside
    its key, the version that made it and a transaction id. Nothing is published unless
    every row was answered, by that version, in order.

        invoke score --model tumor_malignancy --date 2026-01-31
    """
    from slipway.tasks.moving import Wish, score_model

    wish = Wish(
        model,
        date,
        tuple(param),
        force=force,
        version=version or None,
        controller=controller,
    )
    return score_model(env, wish)


@command(
    help={
        "data": "a JSON file of instances, or - for standard input"
        " (default: the model's fixtures/request.json)",
        "inference-id": "the transaction id to use; else the endpoint mints one",
    }
)
def predict(
    _context: Context,
    model: str = "",
    data: str = "",
    inference_id: str = "",
    env: str = "local",
) -> Answer:
    """Ask a model's live endpoint, and print its answer.

    invoke predict --model tumor_malignancy
    echo '{"instances": [...]}' | invoke predict --model tumor_malignancy --data -
    """
    from slipway.tasks.asking import predict_model

    return predict_model(env, model, data=data, inference_id=inference_id)


@command()
def stop(_context: Context, model: str = "", env: str = "local") -> Answer:
    """Stop the jobs of a model that are under way, whoever started them.

    invoke stop --model tumor_malignancy
    """
    from slipway.tasks.asking import stop_model

    return stop_model(env, model)


@command()
def demo(_context: Context) -> Answer:
    """Do the main job on real data: SQL script to live endpoint, and ask it.

    Starts the local stack, fills the warehouse, deploys models/tumor_malignancy and
    sends it a request. Given again, it finds everything done and says so.
    """
    from slipway.tasks.demo import demonstrate

    return demonstrate()
