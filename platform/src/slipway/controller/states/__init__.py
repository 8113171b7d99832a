"""The state machines, as data: what may happen to a row, and who makes it happen."""

from slipway.controller.states.chart import Arrow, Chart, State
from slipway.controller.states.config_override import CONFIG_OVERRIDE
from slipway.controller.states.deployment import DEPLOYMENT
from slipway.controller.states.endpoint import ENDPOINT
from slipway.controller.states.model_version import MODEL_VERSION
from slipway.controller.states.operation import OPERATION
from slipway.controller.states.pipeline import RUN, STEP

#: By the name of the table that each one rules.
CHARTS = {
    chart.kind: chart
    for chart in (
        RUN,
        STEP,
        OPERATION,
        MODEL_VERSION,
        DEPLOYMENT,
        ENDPOINT,
        CONFIG_OVERRIDE,
    )
}

__all__ = ["CHARTS", "Arrow", "Chart", "State"]
