"""Alembic's entry: the caller gives the connection, so nothing is configured in a file."""

from alembic import context

from pipeline.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
