"""The chart of endpoints: as each was last seen, beside what it should be."""

from slipway.controller.states.chart import HOUR, Arrow, Chart, State, other

_SLOW = "see its log with invoke logs; a new deployment under another name is quicker"
_LOST = "deploy again: the endpoint is made anew"

_STATES = (
    State("absent", "nothing was ever seen of it, or it was deleted on purpose"),
    State("creating", "SageMaker starts its first instances", 2 * HOUR, _SLOW),
    State(
        "updating", "SageMaker changes it, to our config or its own", 2 * HOUR, _SLOW
    ),
    State("rolling_back", "SageMaker takes an update back", 2 * HOUR, _SLOW),
    State("in_service", "it serves the config that it should"),
    State(
        "drifted",
        "it serves another config than it should: changed by hand, or rolled back",
        advice="invoke plan shows the difference; deploy again, or accept it",
    ),
    State(
        "out_of_service", "it takes no requests", advice="see its reason, then deploy"
    ),
    State("failed", "it cannot serve, and can only be deleted", advice=_LOST),
    State(
        "rollback_failed",
        "SageMaker could not take an update back: its instances differ",
        advice="deploy a version that served well; ask AWS's support if that fails",
    ),
    State("deleting", "SageMaker takes it away", HOUR, "ask AWS's support"),
    State("missing", "it should be there, and was deleted by hand", advice=_LOST),
)
#: What each status of SageMaker fires; in service, the config's name decides as well.
TRIGGERS = {
    "Creating": "create",
    "Updating": "update",
    "SystemUpdating": "update",
    "RollingBack": "roll_back",
    "InService": "serve",
    "Deleting": "delete",
    "OutOfService": "drop_out",
    "Failed": "fail",
    "UpdateRollbackFailed": "strand",
}
_SEEN = (
    ("create", "creating", "Creating was seen"),
    ("update", "updating", "Updating or SystemUpdating was seen"),
    ("roll_back", "rolling_back", "RollingBack was seen"),
    ("serve", "in_service", "InService was seen, with the config that it should have"),
    ("drift", "drifted", "InService was seen, with another config"),
    ("drop_out", "out_of_service", "OutOfService was seen"),
    ("fail", "failed", "Failed was seen"),
    ("strand", "rollback_failed", "UpdateRollbackFailed was seen"),
    ("delete", "deleting", "Deleting was seen"),
    ("vanish", "missing", "it was not there, though it should be"),
    ("forget", "absent", "it was not there, and need not be"),
)

ENDPOINT = Chart(
    kind="endpoint",
    initial="absent",
    states=_STATES,
    arrows=tuple(
        Arrow(trigger, other(_STATES, target), target, when)
        for trigger, target, when in _SEEN
    ),
    unfinished=frozenset({"creating", "updating", "rolling_back", "deleting"}),
)


def finding(status: str | None, config_name: str, desired_config_name: str) -> str:
    """Return the trigger that a look at an endpoint fires; status None: it is not there."""
    if status is None:
        return "vanish" if desired_config_name else "forget"
    trigger = TRIGGERS[status]
    if trigger == "serve" and config_name != desired_config_name:
        return "drift"
    return trigger
