"""Alembic's way in: it runs inside the transaction it is given, never on its own."""

from alembic import context
from sqlalchemy import text

from services.central.tables import metadata

connection = context.config.attributes["connection"]
# Citus runs DDL on co-located tables in one order only; plain PostgreSQL takes it as a name.
connection.execute(text("SET LOCAL citus.multi_shard_modify_mode = 'sequential'"))
context.configure(connection=connection, target_metadata=metadata, transaction_per_migration=False)
with context.begin_transaction():
    context.run_migrations()
