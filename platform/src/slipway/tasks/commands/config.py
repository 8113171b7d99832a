"""The commands for what is set over files: explain, config.set, config.list, config.unset."""

from invoke.context import Context

from slipway.tasks.command import Answer, command

_KEY = (
    "a key of model.yaml (instances.train, endpoint.instance_count), train.<name> for a"
    " hyperparameter, or a field of a payload (CreateTrainingJob.StoppingCondition."
    "MaxRuntimeInSeconds)"
)


@command(
    help={
        "step": "extract, preprocess, train, deploy, or transform of a batch"
        " (default: all of them)"
    },
)
def explain(
    _context: Context,
    model: str = "",
    step: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Print each field that SageMaker is sent, its value and who set it.

    A file with its line, an override with its actor and reason, or the run. Nothing is
    called and nothing changes.

        invoke explain --model tumor_malignancy --step train
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.explaining import explain_payloads

    return explain_payloads(controller_of(env, controller), model, step, env=env)


@command(
    name="set",
    positional=["model", "setting"],
    help={
        "setting": f"key=value: {_KEY}",
        "reason": "why, for who reads it later",
        "expires": "when it ends by itself: 12h, 7d, or 2026-12-24 (UTC)",
    },
)
def set_(
    _context: Context,
    model: str,
    setting: str,
    reason: str = "",
    expires: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Set a value over what files say, from the next run or deployment on.

    Checked before it counts: the key, its type, and every payload by SageMaker's own
    model. A bad one changes nothing.

        invoke config.set churn_risk train.depth=4 --reason "a try" --expires 7d
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.overriding import set_value

    return set_value(
        controller_of(env, controller), model, setting, reason=reason, expires=expires
    )


@command(
    name="list",
    positional=["model"],
    help={"history": "also what was replaced, taken back or expired"},
)
def list_(
    _context: Context,
    model: str,
    history: bool = False,
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Print what is set over a model's files, who set it, why and until when.

    invoke config.list tumor_malignancy --history
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.overriding import list_values

    return list_values(controller_of(env, controller), model, history=history)


@command(
    positional=["model", "key"],
    help={"key": _KEY, "reason": "why it is taken back"},
)
def unset(
    _context: Context,
    model: str,
    key: str,
    reason: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Take an override back: what files say counts again.

    invoke config.unset tumor_malignancy instances.train
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.overriding import unset_value

    return unset_value(controller_of(env, controller), model, key, reason=reason)
