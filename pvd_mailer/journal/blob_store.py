"""Bytes kept under their own digest: what is read is what was written, or it is not read."""

import hashlib

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from pvd_mailer.database import DatabaseError
from pvd_mailer.database.schema import blobs
from pvd_mailer.i18n import _

__all__ = ["blobs_by_prefix", "get_blob", "has_blob", "put_blob"]


def put_blob(connection: Connection, data: bytes) -> str:
    """Keep `data`; its SHA-256 in hexadecimal. What is there already is left as it is."""
    digest = hashlib.sha256(data).hexdigest()
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    connection.execute(insert(blobs).values(digest=digest, data=data).on_conflict_do_nothing())
    return digest


def blobs_by_prefix(connection: Connection, prefix: str) -> list[bytes]:
    """What is kept under digests that begin with `prefix`, hexadecimal in lower case."""
    # Compared, and not matched: both databases find a range by their index.
    rows = connection.execute(select(blobs.c.data).where(blobs.c.digest >= prefix, blobs.c.digest < f"{prefix}g"))
    return [bytes(data) for data in rows.scalars()]


def has_blob(connection: Connection, digest: str) -> bool:
    """Whether something is kept under `digest`."""
    return connection.execute(select(blobs.c.digest).where(blobs.c.digest == digest)).first() is not None


def get_blob(connection: Connection, digest: str) -> bytes:
    """The bytes kept under `digest`.

    Raises:
        DatabaseError: they are not there, or are not the ones that were put in.
    """
    data = connection.execute(select(blobs.c.data).where(blobs.c.digest == digest)).scalar_one_or_none()
    if data is None or hashlib.sha256(data).hexdigest() != digest:
        raise DatabaseError(
            _("the approved letter in the database is damaged or missing"),
            _("Do not send. Restore your last backup (`pvd-mailer restore`), or approve the letter again."),
        )
    return bytes(data)
