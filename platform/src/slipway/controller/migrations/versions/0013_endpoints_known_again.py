"""Endpoints, known again with their capacity; runs and steps, found by their states."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Go forward: the next look writes what it sees of those that are there."""
    with op.batch_alter_table("endpoint") as batch:
        batch.add_column(
            sa.Column("arn", sa.String(2048), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("made_at", sa.DateTime(), nullable=True))
        batch.add_column(
            sa.Column("capacity", sa.JSON(), nullable=False, server_default="{}")
        )
    with op.batch_alter_table("endpoint") as batch:
        batch.alter_column("arn", server_default=None)
        batch.alter_column("capacity", server_default=None)
    for table in ("run", "step"):
        op.create_index(f"ix_{table}_state", table, ["state", "changed_at"])


def downgrade() -> None:
    """Go back: an endpoint is known by its name alone."""
    for table in ("run", "step"):
        op.drop_index(f"ix_{table}_state", table)
    with op.batch_alter_table("endpoint") as batch:
        for name in ("capacity", "made_at", "arn"):
            batch.drop_column(name)
