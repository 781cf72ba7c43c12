"""The database and the key ring belong together: links signed with one key mean nothing to another."""

from sqlalchemy import Connection, inspect, select
from sqlalchemy.dialects import postgresql, sqlite

from pvd_mailer.database.engine import Database
from pvd_mailer.database.schema import facts
from pvd_mailer.i18n import _
from pvd_mailer.keys import KeyRing, KeysError

__all__ = ["ensure_same_keys", "get_fact", "key_fingerprint", "set_fact", "stored_key_fingerprint"]

_KEYS_FACT = "keys"


def ensure_same_keys(database: Database, keys: KeyRing) -> None:
    """Have the database remember which key ring its links are signed with; the first one stays. One query.

    Raises:
        KeysError: it was another one.
    """
    with database.read() as connection:
        fingerprint = key_fingerprint(connection)
    if fingerprint is None:
        with database.write() as connection:
            insert = sqlite.insert if database.is_sqlite else postgresql.insert
            connection.execute(insert(facts).values(name=_KEYS_FACT, value=keys.fingerprint).on_conflict_do_nothing())
            fingerprint = key_fingerprint(connection)
    if fingerprint != keys.fingerprint:
        raise KeysError(
            _("this database's links were signed with another key"),
            _("Name the right file in PVD_KEYS, or restore a backup of this database: the key is in it."),
        )


def stored_key_fingerprint(database: Database) -> str | None:
    """The fingerprint of the key ring that the database remembers; None where it has no tables yet."""
    if not database.exists:
        return None
    with database.read() as connection:
        return key_fingerprint(connection) if inspect(connection).has_table(facts.name) else None


def key_fingerprint(connection: Connection) -> str | None:
    """The fingerprint of the key ring that the database remembers."""
    return connection.execute(select(facts.c.value).where(facts.c.name == _KEYS_FACT)).scalar()


def get_fact(connection: Connection, name: str) -> str | None:
    """The fact that was remembered under `name`."""
    return connection.execute(select(facts.c.value).where(facts.c.name == name)).scalar()


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Remember a fact, in the place of the one before."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(facts).values(name=name, value=value)
    connection.execute(
        statement.on_conflict_do_update(index_elements=[facts.c.name], set_={"value": statement.excluded.value})
    )
