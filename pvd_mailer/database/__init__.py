"""One database for the audience and the journal: how it is opened, what it holds, how it is brought up to date."""

from sqlalchemy import Connection

from pvd_mailer.database.store import Database, DatabaseError, in_use, open_database

__all__ = ["Connection", "Database", "DatabaseError", "in_use", "open_database"]
