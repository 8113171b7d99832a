"""What a model's folder declares about itself: `model.yaml`."""

from slipway.spec.column import Column, ColumnType
from slipway.spec.dag import Dag
from slipway.spec.deployment import Alarm, DeploymentPolicy
from slipway.spec.load import find_model, load_spec, model_names
from slipway.spec.model import Endpoint, Gate, Instances, ModelSpec, Split, Sql
from slipway.spec.parameter import Parameter, bind_parameters

__all__ = [
    "Alarm",
    "Column",
    "ColumnType",
    "Dag",
    "DeploymentPolicy",
    "Endpoint",
    "Gate",
    "Instances",
    "ModelSpec",
    "Parameter",
    "Split",
    "Sql",
    "bind_parameters",
    "find_model",
    "load_spec",
    "model_names",
]
