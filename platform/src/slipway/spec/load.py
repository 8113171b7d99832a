"""Model folders, and the spec that each one holds."""

from pathlib import Path

from slipway.documents import read_document, validate
from slipway.errors import DocumentError, UnknownModelError, suggestion
from slipway.spec.model import ModelSpec

FILE_NAME = "model.yaml"


def load_spec(folder: Path) -> ModelSpec:
    """Return the spec of the model in `folder`; raise DocumentError with file and line."""
    document = read_document(folder / FILE_NAME)
    spec = validate(document, ModelSpec)
    if spec.name != folder.resolve().name:
        message = (
            f"{document.path}:{document.line(['name'])}: 'name' is {spec.name!r},"
            f" and the folder is {folder.resolve().name!r}: they must be the same"
        )
        raise DocumentError(message)
    return spec


def model_names(models: Path) -> list[str]:
    """Return the name of each model folder below `models`."""
    found = models.glob(f"*/{FILE_NAME}")
    return sorted(path.parent.name for path in found if path.is_file())


def find_model(models: Path, name: str) -> Path:
    """Return the folder of model `name`, or raise with the closest known name."""
    folder = models / name
    if not (folder / FILE_NAME).is_file():
        known = model_names(models)
        message = (
            f"There is no model {name!r} in {models.name}/.{suggestion(name, known)}"
        )
        raise UnknownModelError(message)
    return folder
