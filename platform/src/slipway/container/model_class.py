"""A model's class, checked when it is loaded, in plain rules."""

import inspect
from typing import Any

from slipway.container.model_package import ModelPackage
from slipway.errors import ModelContractError

#: Each method that the platform calls, with the arguments it gives.
METHODS = {
    "load_data": ("folder",),
    "train": ("train", "validation", "hyperparameters"),
    "predict": ("frame",),
    "save": ("folder",),
    "load": ("folder",),
}


def load_model_class(package: ModelPackage) -> type[Any]:
    """Return the class `Model` of a model's model.py, checked."""
    return check_model_class(
        package.attribute("model", "Model"), package.file("model.py")
    )


def check_model_class(found: Any, where: str) -> type[Any]:
    """Return `found`, or raise ModelContractError for the first rule that it breaks."""
    if not inspect.isclass(found):
        message = f"{where}: Model must be a class; it is {type(found).__name__}"
        raise ModelContractError(message)
    for name, arguments in METHODS.items():
        _require_method(found, name, arguments, where)
    if not isinstance(inspect.getattr_static(found, "load"), classmethod):
        message = f"{where}: load(folder) must be a @classmethod that returns a Model"
        raise ModelContractError(message)
    try:
        inspect.signature(found).bind()
    except TypeError as error:
        message = f"{where}: Model() must need no argument: {error}"
        raise ModelContractError(message) from error
    return found


def _require_method(
    found: type[Any], name: str, arguments: tuple[str, ...], where: str
) -> None:
    call = f"{name}({', '.join(arguments)})"
    method = getattr(found, name, None)
    if method is None:
        message = f"{where}: Model must have the method {call}; it has none"
        raise ModelContractError(message)
    if not callable(method):
        message = f"{where}: Model.{name} must be a method; it is {method!r}"
        raise ModelContractError(message)
    bound = inspect.ismethod(method)
    given = arguments if bound else ("self", *arguments)
    try:
        inspect.signature(method).bind(*given)
    except TypeError as error:
        message = f"{where}: Model.{name} must be callable as {call}: {error}"
        raise ModelContractError(message) from error
