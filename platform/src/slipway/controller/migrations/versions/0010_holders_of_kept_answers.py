"""Kept answers: who answers a key holds a lease, and what is old is found."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_OF_ANSWERS = sa.text("substr(lease, 1, 7) = 'answer/'")


def upgrade() -> None:
    """Go forward: nobody holds a key that was being answered, so it can be taken over."""
    with op.batch_alter_table("kept_answer") as batch:
        batch.add_column(
            sa.Column("lease", sa.String(64), nullable=False, server_default="")
        )
    with op.batch_alter_table("kept_answer") as batch:
        batch.alter_column("lease", server_default=None)
        batch.create_index(op.f("ix_kept_answer_begun_at"), ["begun_at"])
    op.create_index(
        "ix_transition_answer",
        "transition",
        ["lease"],
        sqlite_where=_OF_ANSWERS,
        postgresql_where=_OF_ANSWERS,
    )


def downgrade() -> None:
    """Go back: a key that is being answered is taken over by its age."""
    op.drop_index("ix_transition_answer", "transition")
    with op.batch_alter_table("kept_answer") as batch:
        batch.drop_index(op.f("ix_kept_answer_begun_at"))
        batch.drop_column("lease")
