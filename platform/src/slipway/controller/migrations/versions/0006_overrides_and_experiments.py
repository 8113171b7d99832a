"""Overrides of models; what a run was tagged with, and the commit that it ran."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_STATES = "state IN ('active', 'replaced', 'unset', 'expired')"


def upgrade() -> None:
    """Go forward."""
    op.create_table(
        "config_override",
        sa.Column("environment", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("value", sa.String(length=2048), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("purpose", sa.String(length=1024), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=4096), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(_STATES, name=op.f("ck_config_override_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_config_override")),
    )
    op.create_index(
        "ix_config_override_model", "config_override", ["model", "environment"]
    )
    active = sa.text("state = 'active'")
    op.create_index(
        "uq_config_override_active",
        "config_override",
        ["environment", "model", "key"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    with op.batch_alter_table("run") as batch:
        batch.add_column(
            sa.Column("tags", sa.JSON(), nullable=False, server_default="[]")
        )
        batch.add_column(
            sa.Column(
                "code_commit", sa.String(length=64), nullable=False, server_default=""
            )
        )
        batch.add_column(sa.Column("committed_at", sa.DateTime(), nullable=True))
    with op.batch_alter_table("run") as batch:
        batch.alter_column("tags", server_default=None)
        batch.alter_column("code_commit", server_default=None)


def downgrade() -> None:
    """Go back: what was overridden, and what runs were tagged with, is lost."""
    with op.batch_alter_table("run") as batch:
        batch.drop_column("committed_at")
        batch.drop_column("code_commit")
        batch.drop_column("tags")
    op.execute("DELETE FROM transition WHERE kind = 'config_override'")
    op.drop_table("config_override")
