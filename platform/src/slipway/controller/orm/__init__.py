"""The controller's tables."""

from slipway.controller.orm.access import ApiToken, KeptAnswer
from slipway.controller.orm.config_override import ConfigOverride
from slipway.controller.orm.deployment import Deployment, Endpoint
from slipway.controller.orm.lease import CallBudget, Lease
from slipway.controller.orm.model_version import ModelVersion
from slipway.controller.orm.operation import Operation, OperationCall
from slipway.controller.orm.rows import Row, Stateful, UtcDateTime, listed
from slipway.controller.orm.run import Run, Step
from slipway.controller.orm.transition import Transition

__all__ = [
    "ApiToken",
    "CallBudget",
    "ConfigOverride",
    "Deployment",
    "Endpoint",
    "KeptAnswer",
    "Lease",
    "ModelVersion",
    "Operation",
    "OperationCall",
    "Row",
    "Run",
    "Stateful",
    "Step",
    "Transition",
    "UtcDateTime",
    "listed",
]
