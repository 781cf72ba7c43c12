"""The rights of a person: what is held on them, that it is erased, and for how long it is kept."""

from datetime import datetime
from typing import Any

from pvd_mailer.database import Database
from pvd_mailer.keys import KeyRing
from pvd_mailer.services.context import AppContext
from pvd_mailer.subscribers import privacy, signup_requests
from pvd_mailer.subscribers.privacy import Erasure, ExpiredSubscriber

__all__ = [
    "Erasure",
    "ExpiredSubscriber",
    "access_report",
    "apply_retention",
    "erase_expired",
    "erase_person",
    "expired_people",
]


def access_report(context: AppContext, address_key: str) -> dict[str, Any]:
    """Everything that is held on the person with that canonical address, as the documented JSON object.

    Raises:
        DatabaseError: the database stands in the way.
    """
    with context.database.read() as connection:
        return privacy.build_access_report(connection, address_key, context.keys)


def erase_person(database: Database, address_key: str, keys: KeyRing, now: datetime) -> Erasure:
    """Erase the person with that canonical address everywhere, the journal included.

    A keyed hash stays, so that nobody adds them again. The bytes leave the files of the database too, where that is in
    our hands.

    Raises:
        DatabaseError: it cannot be written; nothing was erased.
    """
    with database.write() as connection:
        subscriber_count, recipient_count = privacy.erase_from_tables(connection, address_key, keys, now)
    return Erasure(subscriber_count, recipient_count, database.truncate_wal())


def expired_people(context: AppContext, now: datetime, years: int) -> list[ExpiredSubscriber]:
    """Who has been kept for `years` without contact, or left as long ago. Nothing is written."""
    with context.database.read() as connection:
        return list(privacy.expired_subscribers(connection, now, years))


def apply_retention(context: AppContext, now: datetime, years: int) -> list[ExpiredSubscriber]:
    """Erase `expired_people`, and sign-up requests that were never confirmed."""
    with context.database.write() as connection:
        signup_requests.purge_expired_requests(connection, now)
    return erase_expired(context.database, context.keys, now, years)


def erase_expired(database: Database, keys: KeyRing, now: datetime, years: int) -> list[ExpiredSubscriber]:
    """Erase whom `expired_people` names, as `erase_person` does; who had left of their own will stays opposed."""
    with database.write() as connection:
        erased = privacy.erase_expired_from_tables(connection, keys, now, years)
    if erased:
        database.truncate_wal()
    return erased
