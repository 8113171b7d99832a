"""The chart of deployments: changes that make a version serve on an endpoint."""

from slipway.controller.states.chart import DAY, HOUR, Arrow, Chart, State

#: The endpoint may be changing: what it ends up with is not decided.
MOVING = ("updating", "baking", "holding", "verifying", "stuck")
#: The previous config is asked for again.
_GOING_BACK = ("rolling_back", "aborting")

DEPLOYMENT = Chart(
    kind="deployment",
    initial="planned",
    states=(
        State("planned", "written; the endpoint is as it was", HOUR, "deploy again"),
        State(
            "updating",
            "the endpoint changes to the new config",
            2 * HOUR,
            "see why with invoke logs; invoke deploy looks again and goes on",
        ),
        State(
            "baking",
            "the new version takes its share of the traffic, watched by alarms",
            DAY,
            "invoke promote, or invoke rollback",
        ),
        State(
            "holding",
            "an alarm has no data: it goes no further until somebody decides; where what"
            " served before serves again, for as long as that takes",
            DAY,
            "invoke status names the alarm; invoke promote, or invoke rollback",
        ),
        State(
            "verifying",
            "the endpoint is InService: config, images and a question are checked",
            HOUR,
            "deploy again: it goes on with the checks",
        ),
        State(
            "rolling_back",
            "the new version was refused: the previous config is asked for again",
            2 * HOUR,
            "the previous version may not serve: see invoke status, then deploy it",
        ),
        State(
            "aborting",
            "somebody or an alarm ended it: the previous config is asked for again",
            2 * HOUR,
            "the previous version may not serve: see invoke status, then deploy it",
        ),
        State(
            "stuck",
            "it passed a deadline, and nothing more is done by itself",
            advice="invoke deploy looks again and goes on; invoke stop ends it",
        ),
        State("succeeded", "the new version serves, verified"),
        State("rolled_back", "the previous config serves again"),
        State("aborted", "it was ended on purpose; what served before serves"),
        State("superseded", "another deployment took its place before it ended"),
        State("failed", "it could not be made, and nothing served before"),
    ),
    arrows=(
        Arrow(
            "update",
            ("planned", "holding", "stuck"),
            "updating",
            "the endpoint is to change; out of holding, a person promoted it; out of"
            " stuck, a rollback is asked for again",
        ),
        Arrow(
            "bake",
            ("updating", "holding"),
            "baking",
            "traffic is shifted, and every alarm has data, or a person promoted it",
        ),
        Arrow("hold", ("updating", "baking"), "holding", "an alarm has no data"),
        Arrow(
            "verify",
            ("updating", "baking", "holding", "stuck"),
            "verifying",
            "the endpoint is InService again; out of holding, a person promoted it",
        ),
        Arrow("succeed", ("verifying",), "succeeded", "the new version answered"),
        Arrow(
            "go_back",
            MOVING,
            "rolling_back",
            "what serves is not what was asked for: the previous config is asked for",
        ),
        Arrow(
            "roll_back",
            (*MOVING, "rolling_back"),
            "rolled_back",
            "the endpoint serves the previous config again",
        ),
        Arrow("abort", ("planned",), "aborted", "nothing had been changed yet"),
        Arrow("abort", MOVING, "aborting", "an alarm or a person said no"),
        Arrow(
            "restore",
            ("aborting",),
            "aborted",
            "the endpoint serves the previous config again",
        ),
        Arrow(
            "give_up",
            ("planned", *(s for s in MOVING if s != "stuck"), *_GOING_BACK),
            "stuck",
            "it passed its deadline, or what served before does not serve again",
        ),
        Arrow(
            "supersede",
            ("planned", *MOVING, *_GOING_BACK),
            "superseded",
            "another deployment overtook it",
        ),
        Arrow(
            "fail",
            ("planned", *MOVING, *_GOING_BACK),
            "failed",
            "it could not be made, and nothing served before",
        ),
    ),
    unfinished=frozenset({"planned", *MOVING, *_GOING_BACK}),
)
