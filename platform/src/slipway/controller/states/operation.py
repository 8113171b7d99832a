"""The chart of operations: one call chain on one SageMaker resource."""

from slipway.controller.states.chart import DAY, HOUR, Arrow, Chart, State

#: Nothing is known to be made: the call may be made, after a look.
CALLABLE = ("intended", "waiting_quota", "blocked_auth")
#: SageMaker works on it: only looking tells more.
WATCHED = ("submitted", "stopping", "timing_out")
#: Of these, where it was asked to stop.
STOPPING = WATCHED[1:]
#: It ended: nothing more happens to this resource.
ENDED = ("succeeded", "failed", "stopped", "timed_out", "conflict")
#: What ends an operation badly: the next attempt needs a resource of another name.
ENDED_BADLY = frozenset(ENDED) - {"succeeded"}

_STATES = (
    State(
        "intended",
        "written; no call is known to have been accepted",
        HOUR,
        "SageMaker did not answer for long: look at its health page and at the"
        " network, then give the same command again",
    ),
    State(
        "waiting_quota",
        "the account's limit is reached; nothing was made",
        DAY,
        "ask for a higher quota in Service Quotas, or stop what uses it; then give"
        " the same command again",
    ),
    State(
        "blocked_auth",
        "credentials are missing, expired or too weak; nothing was made",
        DAY,
        "sign in again (aws sso login), or have the role extended; then give the"
        " same command again",
    ),
    State(
        "submitted",
        "SageMaker accepted the call, and works on it",
        2 * HOUR,
        "it takes longer than it ever should: look at its log; another name is"
        " quicker than waiting, so stop it and give the same command again",
    ),
    State(
        "stopping",
        "it was asked to stop",
        HOUR,
        "SageMaker does not end it: ask AWS's support with its ARN",
    ),
    State(
        "timing_out",
        "it was asked to stop because it passed its deadline",
        HOUR,
        "SageMaker does not end it: ask AWS's support with its ARN",
    ),
    State(
        "stuck",
        "it passed a deadline, and nothing more is done by itself",
        advice="read its reason; the same command looks again and goes on",
    ),
    State("succeeded", "it ended as asked"),
    State("failed", "SageMaker refused it for good, or it ended badly"),
    State("stopped", "it ended because somebody stopped it"),
    State("timed_out", "it passed its deadline, and was seen to have stopped"),
    State("conflict", "a resource of its name is somebody else's; nothing was changed"),
    State("replaced", "the next generation took over, under another name"),
)

OPERATION = Chart(
    kind="operation",
    initial="intended",
    states=_STATES,
    arrows=(
        Arrow("submit", CALLABLE, "submitted", "SageMaker accepted the call"),
        Arrow("adopt", CALLABLE, "submitted", "the resource was there, and ours"),
        Arrow("clash", CALLABLE, "conflict", "the resource was there, not ours"),
        Arrow("refuse", CALLABLE, "failed", "SageMaker refused the call for good"),
        Arrow(
            "wait_quota",
            ("intended", "blocked_auth"),
            "waiting_quota",
            "SageMaker said ResourceLimitExceeded",
        ),
        Arrow(
            "block",
            ("intended", "waiting_quota"),
            "blocked_auth",
            "credentials were missing, expired or too weak",
        ),
        Arrow(
            "cancel",
            (*CALLABLE, "stuck"),
            "stopped",
            "the run was interrupted before it was made",
        ),
        Arrow("succeed", WATCHED, "succeeded", "SageMaker said so"),
        Arrow("fail", WATCHED, "failed", "SageMaker said so, or it is gone"),
        Arrow("stop", ("submitted", "stopping"), "stopped", "SageMaker said Stopped"),
        Arrow("stop", ("timing_out",), "timed_out", "SageMaker said Stopped"),
        Arrow("ask_stop", ("submitted",), "stopping", "somebody stops it"),
        Arrow(
            "expire",
            ("submitted",),
            "timing_out",
            "it passed its deadline, and can stop",
        ),
        Arrow(
            "give_up",
            (*CALLABLE, *WATCHED),
            "stuck",
            "it passed its deadline, and nothing can be done by itself",
        ),
        Arrow(
            "retry",
            ("stuck", "waiting_quota", "blocked_auth"),
            "intended",
            "the same was asked for again, or the obstacle is another one now",
        ),
        Arrow(
            "replace",
            ENDED,
            "replaced",
            "its resource is of no more use: another is needed, under another name",
        ),
    ),
    unfinished=frozenset({*CALLABLE, *WATCHED, "stuck"}),
)
