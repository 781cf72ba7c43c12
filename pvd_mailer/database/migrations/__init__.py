"""The changes of the database's tables, one file each, in the order of their numbers. Alembic carries them out."""
