"""Runs opened by a caller's key; steps that are asked for, queued and stopped."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_BEFORE = ("running", "succeeded", "failed", "rejected", "stopped", "blocked")
_AFTER = ("queued", "stopping", *_BEFORE)


def upgrade() -> None:
    """Go forward: a step is queued before it is begun."""
    with op.batch_alter_table("run") as batch:
        batch.add_column(sa.Column("key", sa.String(length=250), nullable=True))
        batch.create_unique_constraint(
            op.f("uq_run_environment_key"), ["environment", "key"]
        )
    with op.batch_alter_table("step") as batch:
        batch.add_column(
            sa.Column("attempt", sa.Integer(), nullable=False, server_default="0")
        )
        batch.add_column(
            sa.Column(
                "retryable", sa.Boolean(), nullable=False, server_default=sa.false()
            )
        )
    with op.batch_alter_table("step") as batch:
        batch.alter_column("attempt", server_default=None)
        batch.alter_column("retryable", server_default=None)
    _change_states(_AFTER)
    _run(
        "INSERT INTO transition"
        ' (id, kind, row_id, "trigger", from_state, to_state, actor, reason, token, at)'
        " SELECT -id, kind, row_id, 'create', '', 'queued', actor, '', token, at"
        " FROM transition WHERE kind = 'step' AND \"trigger\" = 'create'"
    )
    _run(
        "UPDATE transition SET \"trigger\" = 'begin', from_state = 'queued'"
        " WHERE kind = 'step' AND \"trigger\" = 'create' AND id > 0"
    )


def downgrade() -> None:
    """Go back: what waits or stops is running."""
    _run(
        "DELETE FROM transition WHERE kind = 'step'"
        " AND \"trigger\" IN ('begin', 'ask_stop')"
    )
    _run("UPDATE transition SET id = -id WHERE kind = 'step' AND id < 0")
    for column in ("from_state", "to_state"):
        _run(
            f"UPDATE transition SET {column} = 'running' WHERE kind = 'step'"  # noqa: S608 - names of this file
            f" AND {column} IN ('queued', 'stopping')"
        )
    _run("UPDATE step SET state = 'running' WHERE state IN ('queued', 'stopping')")
    _change_states(_BEFORE)
    with op.batch_alter_table("step") as batch:
        batch.drop_column("retryable")
        batch.drop_column("attempt")
    with op.batch_alter_table("run") as batch:
        batch.drop_constraint(op.f("uq_run_environment_key"), type_="unique")
        batch.drop_column("key")


def _change_states(states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("step") as batch:
        batch.drop_constraint(op.f("ck_step_state"), type_="check")
        batch.create_check_constraint(op.f("ck_step_state"), f"state IN ({listed})")


def _run(statement: str) -> None:
    op.get_bind().execute(sa.text(statement))
