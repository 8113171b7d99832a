"""The chart of model versions."""

from slipway.controller.states.chart import Arrow, Chart, State
from slipway.controller.states.pipeline import RETIRED

#: The version that serves is its model's champion.
CHAMPION = "champion"
_APPROVED = ("approved", "superseded")

MODEL_VERSION = Chart(
    kind="model_version",
    initial="registered",
    states=(
        State("registered", "it has its number and its lineage"),
        State("approved", "it met every gate, and its artifact is in its place"),
        State("rejected", "it missed a gate, or somebody refused it"),
        State(CHAMPION, "its rollout was verified: it is what serves, one per model"),
        State("superseded", "it served before; it is kept to go back to"),
        State(RETIRED, "a tombstone says that it may not serve again"),
    ),
    arrows=(
        Arrow(
            "approve",
            ("registered",),
            "approved",
            "it met every gate, and a person agreed where the model asks for one",
        ),
        Arrow("reject", ("registered", "approved"), "rejected", "somebody refused it"),
        Arrow("promote", _APPROVED, CHAMPION, "its rollout was verified"),
        Arrow("supersede", (CHAMPION,), "superseded", "another version took its place"),
        Arrow(
            "retire",
            ("registered", "rejected", *_APPROVED),
            RETIRED,
            "a tombstone was written",
        ),
    ),
    unfinished=frozenset({"registered"}),
)
