"""Model versions: what their image was when they were registered."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_CONTENT = ["environment", "model", "artifact_digest", "image_uri"]
_BEFORE = "uq_model_version_environment_model_artifact_digest_image_uri"
_NOW = "uq_model_version_content"
#: Versions that only their image's digest tells apart: the later ones keep it in the name.
_NAME_TWINS = """
    UPDATE model_version SET image_uri = image_uri || '@' || image_digest
    WHERE EXISTS (
        SELECT 1 FROM model_version AS older
        WHERE older.id < model_version.id
        AND older.environment = model_version.environment
        AND older.model = model_version.model
        AND older.artifact_digest = model_version.artifact_digest
        AND older.image_uri = model_version.image_uri
    )
"""


def upgrade() -> None:
    """Go forward: of the versions that are there it is not known."""
    with op.batch_alter_table("model_version") as batch:
        batch.add_column(
            sa.Column("image_digest", sa.String(80), nullable=False, server_default="")
        )
    with op.batch_alter_table("model_version") as batch:
        batch.alter_column("image_digest", server_default=None)
        batch.drop_constraint(_BEFORE, type_="unique")
        batch.create_unique_constraint(_NOW, [*_CONTENT, "image_digest"])


def downgrade() -> None:
    """Go back: it is forgotten."""
    op.execute(_NAME_TWINS)
    with op.batch_alter_table("model_version") as batch:
        batch.drop_constraint(_NOW, type_="unique")
        batch.create_unique_constraint(_BEFORE, _CONTENT)
    with op.batch_alter_table("model_version") as batch:
        batch.drop_column("image_digest")
