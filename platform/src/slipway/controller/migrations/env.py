"""How Alembic reaches the database: over the caller's own connection."""

from alembic import context

from slipway.controller.orm import Row

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Row.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
