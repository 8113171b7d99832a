"""Runs that a tombstone retires."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_BEFORE = ("running", "succeeded", "failed", "rejected", "stopped", "blocked")


def upgrade() -> None:
    """Go forward: a run may be retired."""
    _change_states((*_BEFORE, "retired"))


def downgrade() -> None:
    """Go back: a retired run is what it was before."""
    bind = op.get_bind()
    where = "kind = 'run' AND to_state = 'retired'"
    bind.execute(
        sa.text(
            "UPDATE run SET state = (SELECT from_state FROM transition"  # noqa: S608 - names of this file
            f" WHERE {where} AND row_id = run.id) WHERE state = 'retired'"
        )
    )
    bind.execute(sa.text(f"DELETE FROM transition WHERE {where}"))  # noqa: S608 - as above
    _change_states(_BEFORE)


def _change_states(states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("run") as batch:
        batch.drop_constraint(op.f("ck_run_state"), type_="check")
        batch.create_check_constraint(op.f("ck_run_state"), f"state IN ({listed})")
