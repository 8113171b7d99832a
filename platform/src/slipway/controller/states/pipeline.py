"""The charts of runs and of their steps."""

from slipway.controller.states.chart import DAY, HOUR, Arrow, Chart, State

#: The state of a run, and of a model version, that a tombstone ended.
RETIRED = "retired"
_REJECTED = "the data or a metric missed a gate, or a person refused the version"
_BLOCKED_ADVICE = "sign in again, or ask for the quota; then give the same command"

#: A step that somebody works on, and one that nobody does any more.
_AT_WORK = ("running", "stopping")
_ENDED = ("succeeded", "failed", "rejected", "stopped", "blocked")
#: For how long nobody may hold a run: workers start anew, people approve versions.
_UNHELD_STEP, _UNHELD_RUN = DAY, 7 * DAY
_AGAIN = "whoever worked on it is gone: give the same command again, or stop it"
_GIVEN_UP = "nobody held its run for so long: nothing more is done by itself"
_STUCK_ADVICE = (
    "read its reason; the same command goes on from here, invoke stop ends it"
)

RUN = Chart(
    kind="run",
    initial="running",
    states=(
        State(
            "running",
            "its steps are taken, by a command or by workers",
            deadline=_UNHELD_RUN,
            advice=_AGAIN,
        ),
        State("stuck", _GIVEN_UP, advice=_STUCK_ADVICE),
        State("succeeded", "every step that was asked for is done"),
        State("failed", "a step failed"),
        State("rejected", _REJECTED),
        State("stopped", "somebody stopped it"),
        State(
            "blocked",
            "credentials or a quota keep a step from going on; nothing has failed",
            advice=_BLOCKED_ADVICE,
        ),
        State(RETIRED, "a tombstone says that nobody needs what it wrote any more"),
    ),
    arrows=(
        Arrow("succeed", ("running",), "succeeded", "its last step succeeded"),
        Arrow("fail", ("running",), "failed", "a step failed"),
        Arrow("reject", ("running",), "rejected", _REJECTED),
        Arrow(
            "stop",
            ("running", "blocked", "stuck"),
            "stopped",
            "the user interrupted it",
        ),
        Arrow(
            "block", ("running",), "blocked", "a step was refused for want of rights"
        ),
        Arrow("give_up", ("running",), "stuck", "it, or its step, passed its deadline"),
        Arrow(
            "resume",
            (*_ENDED, "stuck"),
            "running",
            "the same command was given again",
        ),
        Arrow(
            "retire",
            ("succeeded", "failed", "rejected", "stopped"),
            RETIRED,
            "a tombstone was written",
        ),
    ),
    unfinished=frozenset({"running", "blocked", "stuck"}),
)

STEP = Chart(
    kind="step",
    initial="queued",
    states=(
        State(
            "queued",
            "it was asked for; the next worker that is free takes it",
            deadline=_UNHELD_STEP,
            advice="no worker takes it: start one with invoke controller.up, then give"
            " the same command again; or stop it",
        ),
        State(
            "running",
            "its work is under way, or its worker died",
            deadline=_UNHELD_STEP,
            advice=_AGAIN,
        ),
        State(
            "stopping",
            "it was asked to stop; its worker stops its job",
            deadline=HOUR,
            advice=_AGAIN,
        ),
        State("stuck", _GIVEN_UP, advice=_STUCK_ADVICE),
        State("succeeded", "its outputs are in S3"),
        State("failed", "its job or its own work failed"),
        State("rejected", "what it checks missed a gate"),
        State("stopped", "somebody stopped it"),
        State(
            "blocked",
            "credentials or a quota keep its operation from going on",
            advice=_BLOCKED_ADVICE,
        ),
    ),
    arrows=(
        Arrow("begin", ("queued",), "running", "a worker or a command took it"),
        Arrow("succeed", _AT_WORK, "succeeded", "its outputs are in S3"),
        Arrow("fail", _AT_WORK, "failed", "its job or its own work failed"),
        Arrow("reject", _AT_WORK, "rejected", "what it checks missed a gate"),
        Arrow("ask_stop", ("running",), "stopping", "somebody stops it"),
        Arrow(
            "stop",
            ("queued", *_AT_WORK, "blocked", "stuck"),
            "stopped",
            "its job was stopped, or the user interrupted the run",
        ),
        Arrow("block", _AT_WORK, "blocked", "its operation was denied or must wait"),
        Arrow("give_up", ("queued", *_AT_WORK), "stuck", "it passed its deadline"),
        Arrow(
            "retry",
            (*_ENDED, "stuck"),
            "running",
            "its run was resumed, and its outputs are not there",
        ),
        Arrow("ask", (*_ENDED, "stuck"), "queued", "it was asked for again"),
    ),
    unfinished=frozenset({"queued", *_AT_WORK, "blocked", "stuck"}),
)
