"""One database for subscribers and journal, on SQLite or PostgreSQL: its schema, its state machine, its transactions.

Hands on `Database`, whose `read` and `write` are the only transactions, and the sender lock. What goes wrong is a
`DatabaseError` in words. It must never know what the rows are for: no letter, no channel, no page.
"""

from sqlalchemy import Connection

from pvd_mailer.database.engine import Database, DatabaseError, database_in_use_error, open_database

__all__ = ["Connection", "Database", "DatabaseError", "database_in_use_error", "open_database"]
