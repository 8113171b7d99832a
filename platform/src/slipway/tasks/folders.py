"""Model folders: made, built, locked."""

from collections.abc import Mapping

from slipway.application.workspace import Workspace
from slipway.images.lock import lock
from slipway.spec import model_names
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.new_model import create_model, lock_template, upgrade_model
from slipway.tasks.terminal import Terminal


def make_model(name: str, answers: Mapping[str, str | None]) -> Answer:
    """Generate a model's folder from the template; None: its default answer."""
    root = Workspace.open("local").settings.root
    given = {asked: text for asked, text in answers.items() if text is not None}
    folder = create_model(root, name, given).relative_to(root)
    text = (
        f"{folder}/ is made. It predicts the base rate, and deploys as it is:\n"
        f"  invoke test --model {name}\n"
        f"  invoke deploy --model {name}\n"
        f"Then make it yours: {folder}/README.md"
    )
    return Answer({"model": name, "folder": str(folder)}, (text,))


def build_model(env: str, model: str) -> Answer:
    """Build a model's image."""
    workspace = Workspace.to_run_in(env)
    workspace.folder(model)
    with Terminal(PROGRESS) as terminal:
        image = workspace.build(
            model, workspace.start_stack(terminal.say), terminal.say
        )
    state = "was there already" if image.cached else "is built"
    data = {
        "uri": image.uri,
        "digest": image.digest,
        "runtime_digest": image.runtime_digest,
        "kind": image.kind,
        "cached": image.cached,
    }
    return Answer(data, (f"{image.uri} {state}, to run as {image.kind}",))


def upgrade_folder(model: str) -> Answer:
    """Bring a model's folder to the template as it is now."""
    workspace = Workspace.open("local")
    folder = workspace.folder(model)
    upgrade_model(workspace.settings.root, model)
    text = f"{folder} has the template's files as they are now. See: git diff {folder}"
    return Answer({"model": model, "folder": str(folder)}, (text,))


def lock_models(model: str, *, upgrade: bool) -> Answer:
    """Lock the requirements of one model, or of the template and every model."""
    workspace = Workspace.open("local")
    with Terminal(PROGRESS) as terminal:
        tell = terminal.say
        if model:
            locked = [lock(workspace.folder(model), upgrade=upgrade, progress=tell)]
        else:
            root = workspace.settings.root
            locked = [lock_template(root, upgrade=upgrade, progress=tell)]
            for name in model_names(workspace.settings.models):
                folder = workspace.folder(name)
                locked.append(lock(folder, upgrade=upgrade, progress=tell))
    names = [str(path) for path in locked]
    return Answer({"locked": names}, tuple(names))
