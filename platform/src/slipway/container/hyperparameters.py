"""The hyperparameters of a training job, in the types of `model.yaml`."""

from collections.abc import Mapping
from pathlib import Path

from slipway.container.files import read_json
from slipway.errors import InvalidRequestError, suggestion
from slipway.spec.model import Hyperparameter
from slipway.spec.parameter import Parameter, ParameterType, parse_value


def read_hyperparameters(
    path: Path, declared: Mapping[str, Hyperparameter]
) -> dict[str, Hyperparameter]:
    """Return each declared hyperparameter: the job's value, else the one in model.yaml.

    SageMaker hands every value over as text; it is read as the type that model.yaml's
    own value has.
    """
    given = read_json(path, what="hyperparameters.json") if path.is_file() else {}
    values = dict(declared)
    for name, text in given.items():
        values[name] = parse_hyperparameter(name, declared, text)
    return values


def parse_hyperparameter(
    name: str, declared: Mapping[str, Hyperparameter], text: Hyperparameter
) -> Hyperparameter:
    """Return `text` as the type that model.yaml's own value has, or raise."""
    if name not in declared:
        message = f"{name!r} is not a hyperparameter.{suggestion(name, declared)}"
        raise InvalidRequestError(message)
    parameter = Parameter(type=_TYPES[type(declared[name])], default=None)
    return parse_value(name, parameter, text)


_TYPES: dict[type, ParameterType] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
}
