"""The commands for the REST API: controller.up, controller.down, token.*."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command(help={"port": "where it listens (default: 5056)", "workers": "processes (2)"})
def up(
    _context: Context, env: str = "local", port: int = 0, workers: int = 2
) -> Answer:
    """Start the controller's REST API on 127.0.0.1, and its workers.

    The first start makes an admin's token, and keeps it in .slipway/<env> for you alone.
    It stays up until `invoke controller.down`.

        invoke controller.up
    """
    from slipway.tasks.controlling import start

    return start(env, port, workers)


@command()
def down(_context: Context, env: str = "local") -> Answer:
    """End the controller's REST API. Steps under way go on when it is up again."""
    from slipway.tasks.controlling import end

    return end(env)


@command(
    help={
        "name": "who it is for; history names them",
        "role": "viewer, operator or admin",
        "expires": "the last day that it is good for, as 2026-12-31 (default: no end)",
    }
)
def create(
    _context: Context,
    name: str = "",
    role: str = "viewer",
    expires: str = "",
    env: str = "local",
    controller: str = "",
) -> Answer:
    """Make a token for the REST API. Its secret is shown once, and kept as a digest.

    invoke token.create --role operator --name airflow
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.controlling import make_token

    return make_token(controller_of(env, controller), name, role, expires)


@command(name="list")
def list_all(_context: Context, env: str = "local", controller: str = "") -> Answer:
    """List the tokens of the REST API, without their secrets."""
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.controlling import show_tokens

    return show_tokens(controller_of(env, controller))


@command(help={"name": "the token's name"})
def revoke(
    _context: Context, name: str = "", env: str = "local", controller: str = ""
) -> Answer:
    """End a token: it is refused from now on.

    invoke token.revoke --name airflow
    """
    from slipway.tasks.controllers import controller_of
    from slipway.tasks.controlling import end_token

    return end_token(controller_of(env, controller), name)
