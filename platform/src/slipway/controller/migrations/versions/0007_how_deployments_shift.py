"""Deployments: how the traffic shifts, how far it came, what a person said."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

#: Each new column with its type, and what it holds in the deployments that are there.
_COLUMNS = (
    ("kind", sa.String(length=16), "deploy"),
    ("policy", sa.JSON(), "{}"),
    ("attempt", sa.Integer(), "1"),
    ("decision", sa.String(length=16), ""),
    ("decision_reason", sa.String(length=1024), ""),
    ("progress", sa.JSON(), "{}"),
    ("image_digest", sa.String(length=80), ""),
)


def upgrade() -> None:
    """Go forward."""
    with op.batch_alter_table("deployment") as batch:
        for name, kind, value in _COLUMNS:
            batch.add_column(
                sa.Column(name, kind, nullable=False, server_default=value)
            )
    with op.batch_alter_table("deployment") as batch:
        for name, _kind, _value in _COLUMNS:
            batch.alter_column(name, server_default=None)


def downgrade() -> None:
    """Go back: how they shifted is forgotten."""
    with op.batch_alter_table("deployment") as batch:
        for name, _kind, _value in _COLUMNS:
            batch.drop_column(name)
