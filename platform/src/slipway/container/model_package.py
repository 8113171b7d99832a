"""A model's folder as the package that it is inside its image."""

import importlib
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from slipway.errors import InvalidRequestError, ModelContractError
from slipway.spec import ModelSpec, load_spec

#: Which package of the image is the model.
MODEL_VARIABLE = "SLIPWAY_MODEL"


@dataclass(frozen=True)
class ModelPackage:
    """The package of one model."""

    #: The model's name, which is its package's name.
    name: str
    #: The folder that holds `model.yaml` and the code.
    folder: Path

    def spec(self) -> ModelSpec:
        """Return what `model.yaml` declares."""
        return load_spec(self.folder)

    def file(self, name: str) -> str:
        """Return the name of one of the model's files, as error messages spell it."""
        return f"models/{self.name}/{name}"

    def attribute(self, module: str, name: str) -> Any:
        """Import `module` of the model and return its `name`, or raise in plain words."""
        if not (self.folder / f"{module}.py").is_file():
            message = f"{self.file(f'{module}.py')}: there is no such file"
            raise ModelContractError(message)
        loaded = importlib.import_module(f"{self.name}.{module}")
        if not hasattr(loaded, name):
            message = f"{self.file(f'{module}.py')} must define {name!r}; it does not"
            raise ModelContractError(message)
        return getattr(loaded, name)


def find_package(environ: Mapping[str, str]) -> ModelPackage:
    """Return the model that the image is for; raise when it is not in the image."""
    if not (name := environ.get(MODEL_VARIABLE, "")):
        message = (
            f"The environment variable {MODEL_VARIABLE} is not set: it names a model"
        )
        raise InvalidRequestError(message)
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    for folder in (spec and spec.submodule_search_locations) or ():
        if (Path(folder) / "model.yaml").is_file():
            return ModelPackage(name, Path(folder))
    message = (
        f"{MODEL_VARIABLE} names the model {name!r}, and no folder {name}/ with a"
        " model.yaml is on PYTHONPATH"
    )
    raise InvalidRequestError(message)
