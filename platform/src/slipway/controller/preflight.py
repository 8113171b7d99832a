"""What is looked at before anything is built or run."""

from pathlib import Path

from slipway.container.extract.script import check_script
from slipway.controller.context import Context
from slipway.controller.sources import step_sources
from slipway.documents import read_document
from slipway.errors import DocumentError, InvalidRequestError, suggestion
from slipway.sagemaker.service_model import known_instance_types
from slipway.spec import ModelSpec
from slipway.spec.load import FILE_NAME

#: What every model's folder holds beside model.yaml.
_FILES = (
    "extract.sql",
    "preprocess.py",
    "model.py",
    "serve.py",
    "Dockerfile",
    "requirements.txt",
    "fixtures/request.json",
)
#: The shape that lists a step's instance types in SageMaker's model.
_SHAPES = {
    "extract": "ProcessingInstanceType",
    "preprocess": "ProcessingInstanceType",
    "train": "TrainingInstanceType",
    "serve": "ProductionVariantInstanceType",
    "transform": "TransformInstanceType",
}


def check_folder(folder: Path, spec: ModelSpec, *, deploys: bool) -> None:
    """Raise for what would only fail later: a missing file, bad SQL, bad Python."""
    missing = [name for name in _FILES if not (folder / name).is_file()]
    if missing:
        message = (
            f"{folder}: {', '.join(missing)} {'are' if missing[1:] else 'is'} missing."
            f" Bring the template's files back: invoke upgrade --model {spec.name}"
        )
        raise InvalidRequestError(message)
    if deploys and spec.mode != "endpoint":
        line = read_document(folder / FILE_NAME).line(["mode"])
        message = (
            f"{folder / FILE_NAME}:{line}: 'mode' is {spec.mode!r}, and only endpoint"
            f" can be deployed yet. Register a version: invoke run --model {spec.name}"
        )
        raise DocumentError(message)
    for entry in ("preprocess.py", "model.py", "serve.py"):
        step_sources(folder, entry)
    script = folder / "extract.sql"
    text = script.read_text(encoding="utf-8")
    check_script(text, spec.sql.parameters, name=str(script))


def check_instances(context: Context) -> None:
    """Raise DocumentError for an instance type that SageMaker does not know."""
    for step in _SHAPES:
        path = context.folder / FILE_NAME
        line = read_document(path).line(["instances", step])
        chosen = getattr(context.spec.instances, step)
        check_instance(step, chosen, f"{path}:{line}: 'instances.{step}'")


def check_instance(step: str, chosen: str, where: str) -> None:
    """Raise DocumentError, which says `where`, unless SageMaker knows the type."""
    known = known_instance_types(_SHAPES[step])
    if chosen not in known:
        family = [name for name in known if name.split(".")[1][0] == chosen[3]]
        message = (
            f"{where} is {chosen!r}, which SageMaker does not have."
            f"{suggestion(chosen, family or known)}"
        )
        raise DocumentError(message)
