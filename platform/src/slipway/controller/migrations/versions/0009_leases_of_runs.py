"""History: which lease a writer's token is of."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Go forward: what was written before held its model's lease, or none."""
    with op.batch_alter_table("transition") as batch:
        batch.add_column(
            sa.Column("lease", sa.String(200), nullable=False, server_default="")
        )
    with op.batch_alter_table("transition") as batch:
        batch.alter_column("lease", server_default=None)


def downgrade() -> None:
    """Go back: tokens are of no lease that is named."""
    with op.batch_alter_table("transition") as batch:
        batch.drop_column("lease")
