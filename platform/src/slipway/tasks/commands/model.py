"""The commands for a model's folder: new, test, build, lock."""

from invoke.context import Context

from slipway.tasks.command import Answer, command


@command(
    positional=["name"],
    help={
        "name": "the model's name: lower-case letters, digits, single underscores",
        "owner": "who is asked when a run fails: a team or an address",
        "description": "one sentence: what is predicted, for whom",
    },
)
def new(
    _context: Context,
    name: str,
    owner: str | None = None,
    description: str | None = None,
) -> Answer:
    """Make a new model's folder: it passes its tests and deploys before you edit it.

    invoke new churn_risk --owner risk-team@example.com
    """
    from slipway.tasks.folders import make_model

    return make_model(name, {"owner": owner, "description": description})


@command(name="test", help={"all": "every model, one after the other"})
def run_tests(
    _context: Context,
    model: str = "",
    all: bool = False,  # noqa: A002 - the option's name
) -> Answer:
    """Test a model: its unit tests in its own environment, then its image.

    The image is built and put through extract, preprocess, train and serve on the
    model's fixtures, with no network.

        invoke test --model tumor_malignancy
        invoke test --all
    """
    from slipway.tasks.testing_models import test_models

    return test_models(model, every=all)


@command()
def build(_context: Context, model: str = "", env: str = "local") -> Answer:
    """Build a model's image; an image of the same content is not built twice.

    invoke build --model tumor_malignancy
    """
    from slipway.tasks.folders import build_model

    return build_model(env, model)


@command(
    help={
        "model": "only this model (default: the template and every model)",
        "upgrade": "take the newest versions; else only what changed is locked anew",
    }
)
def lock(_context: Context, model: str = "", upgrade: bool = False) -> Answer:
    """Compile requirements.txt again from pyproject.toml, with a hash per file.

    invoke lock --model tumor_malignancy
    """
    from slipway.tasks.folders import lock_models

    return lock_models(model, upgrade=upgrade)


@command()
def upgrade(_context: Context, model: str = "") -> Answer:
    """Bring a model's folder to today's template; what you wrote stays as it is.

    invoke upgrade --model churn_risk
    """
    from slipway.tasks.folders import upgrade_folder

    return upgrade_folder(model)
