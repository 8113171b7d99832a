"""Deployments: which of them a worker is asked to carry out."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Go forward: what is there was asked of commands."""
    asked: sa.Column[bool] = sa.Column(
        "asked", sa.Boolean(), nullable=False, server_default=sa.false()
    )
    with op.batch_alter_table("deployment") as batch:
        batch.add_column(asked)
    with op.batch_alter_table("deployment") as batch:
        batch.alter_column("asked", server_default=None)


def downgrade() -> None:
    """Go back: workers carry none out."""
    with op.batch_alter_table("deployment") as batch:
        batch.drop_column("asked")
