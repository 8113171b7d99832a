"""How endpoints of the soak are updated."""

from typing import Any

_HALF = {"Type": "CAPACITY_PERCENT", "Value": 50}


def _blue_green(kind: str, **size: Any) -> dict[str, Any]:
    routing = {"Type": kind, "WaitIntervalInSeconds": 1, **size}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


#: One DeploymentConfig of each kind.
STRATEGIES = {
    "all-at-once": _blue_green("ALL_AT_ONCE"),
    "canary": _blue_green("CANARY", CanarySize=_HALF),
    "linear": _blue_green("LINEAR", LinearStepSize=_HALF),
    "rolling": {
        "RollingUpdatePolicy": {"MaximumBatchSize": _HALF, "WaitIntervalInSeconds": 1}
    },
}
