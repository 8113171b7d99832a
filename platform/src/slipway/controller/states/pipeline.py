"""The charts of runs and of their steps."""

from slipway.controller.states.chart import Arrow, Chart, State

_BLOCKED_ADVICE = "sign in again, or ask for the quota; then give the same command"

RUN = Chart(
    kind="run",
    initial="running",
    states=(
        State("running", "a command takes it through its steps, or died doing so"),
        State("succeeded", "every step that was asked for is done"),
        State("failed", "a step failed"),
        State("rejected", "the data or a metric missed a gate"),
        State("stopped", "somebody stopped it"),
        State(
            "blocked",
            "credentials or a quota keep a step from going on; nothing has failed",
            advice=_BLOCKED_ADVICE,
        ),
    ),
    arrows=(
        Arrow("succeed", ("running",), "succeeded", "its last step succeeded"),
        Arrow("fail", ("running",), "failed", "a step failed"),
        Arrow("reject", ("running",), "rejected", "the data or a metric missed a gate"),
        Arrow("stop", ("running", "blocked"), "stopped", "the user interrupted it"),
        Arrow(
            "block", ("running",), "blocked", "a step was refused for want of rights"
        ),
        Arrow(
            "resume",
            ("succeeded", "failed", "rejected", "stopped", "blocked"),
            "running",
            "the same command was given again",
        ),
    ),
    unfinished=frozenset({"running", "blocked"}),
)

STEP = Chart(
    kind="step",
    initial="running",
    states=(
        State("running", "its work is under way, or its command died"),
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
        Arrow("succeed", ("running",), "succeeded", "its outputs are in S3"),
        Arrow("fail", ("running",), "failed", "its job or its own work failed"),
        Arrow("reject", ("running",), "rejected", "what it checks missed a gate"),
        Arrow(
            "stop", ("running", "blocked"), "stopped", "the user interrupted the run"
        ),
        Arrow(
            "block", ("running",), "blocked", "its operation was denied or must wait"
        ),
        Arrow(
            "retry",
            ("succeeded", "failed", "rejected", "stopped", "blocked"),
            "running",
            "its run was resumed, and its outputs are not there",
        ),
    ),
    unfinished=frozenset({"running", "blocked"}),
)
