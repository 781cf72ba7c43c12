"""One database for the audience and the journal: how it is opened, what it holds, how it is brought up to date."""

from sqlalchemy import Connection

from pvd_mailer.database.engine import Database, DatabaseError, database_in_use_error, open_database

__all__ = ["Connection", "Database", "DatabaseError", "database_in_use_error", "open_database"]
