"""Runs and steps that nobody takes further: given up."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_ENDED = ("succeeded", "failed", "rejected", "stopped", "blocked")
_BEFORE = {
    "run": ("running", *_ENDED, "retired"),
    "step": ("queued", "running", "stopping", *_ENDED),
}
_HISTORY = sa.table(
    "transition",
    *(sa.column(name) for name in ("kind", "trigger", "from_state", "to_state")),
)


def upgrade() -> None:
    """Go forward: a run and a step may be stuck."""
    for table, states in _BEFORE.items():
        _change_states(table, (*states, "stuck"))


def downgrade() -> None:
    """Go back: what is stuck was stopped, and can be asked for again as before."""
    bind = op.get_bind()
    for table, states in _BEFORE.items():
        ours = _HISTORY.c.kind == table
        left, reached = _HISTORY.c.from_state, _HISTORY.c.to_state
        row = sa.table(table, sa.column("state"))
        # a stop of what has been stopped is no step of any path
        again = sa.and_(ours, left == "stuck", reached == "stopped")
        bind.execute(sa.delete(_HISTORY).where(again))
        stop = {"trigger": "stop", "to_state": "stopped"}
        for found, values in (
            (sa.update(_HISTORY).where(ours, reached == "stuck"), stop),
            (
                sa.update(_HISTORY).where(ours, left == "stuck"),
                {"from_state": "stopped"},
            ),
            (sa.update(row).where(row.c.state == "stuck"), {"state": "stopped"}),
        ):
            bind.execute(found.values(values))
        _change_states(table, states)


def _change_states(table: str, states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    name = op.f(f"ck_{table}_state")
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(name, type_="check")
        batch.create_check_constraint(name, f"state IN ({listed})")
