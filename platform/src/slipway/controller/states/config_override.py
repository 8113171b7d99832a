"""The chart of overrides: values that somebody sets over what files say."""

from slipway.controller.states.chart import Arrow, Chart, State

CONFIG_OVERRIDE = Chart(
    kind="config_override",
    initial="active",
    states=(
        State("active", "it counts until it expires, by the database's clock"),
        State("replaced", "another value took its place"),
        State("unset", "somebody took it back"),
        State("expired", "its time had come before anybody replaced it"),
    ),
    arrows=(
        Arrow(
            "replace", ("active",), "replaced", "a new value of its key was accepted"
        ),
        Arrow("unset", ("active",), "unset", "somebody took it back"),
        Arrow(
            "expire",
            ("active",),
            "expired",
            "a new value of its key was accepted after its time",
        ),
    ),
)
