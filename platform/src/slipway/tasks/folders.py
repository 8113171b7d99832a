"""Model folders: made, built, locked."""

from slipway.images.lock import lock
from slipway.spec import model_names
from slipway.tasks.command import PROGRESS, Answer
from slipway.tasks.new_model import create_model
from slipway.tasks.terminal import Terminal
from slipway.tasks.workspace import Workspace


def make_model(name: str, answers: dict[str, str]) -> Answer:
    """Generate a model's folder from the template."""
    root = Workspace.open("local").settings.root
    given = {question: text for question, text in answers.items() if text}
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
    workspace = Workspace.open(env)
    workspace.folder(model)
    with Terminal(PROGRESS) as terminal:
        image = workspace.build(model, workspace.start_stack(terminal), terminal)
    state = "was there already" if image.cached else "is built"
    data = {
        "uri": image.uri,
        "digest": image.digest,
        "kind": image.kind,
        "cached": image.cached,
    }
    return Answer(data, (f"{image.uri} {state}, to run as {image.kind}",))


def lock_models(model: str, *, upgrade: bool) -> Answer:
    """Lock the requirements of one model, or of all."""
    workspace = Workspace.open("local")
    names = [model] if model else model_names(workspace.settings.models)
    with Terminal(PROGRESS) as terminal:
        locked = [
            str(lock(workspace.folder(name), upgrade=upgrade, progress=terminal.say))
            for name in names
        ]
    return Answer({"locked": locked}, tuple(locked))
