"""What Alembic runs. The connection, and the transaction that everything happens in, are `migrate`'s."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
