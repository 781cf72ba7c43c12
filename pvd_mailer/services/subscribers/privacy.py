"""The rights of a person: what is held on them, that it is erased, and for how long it is kept."""

from datetime import datetime
from typing import Any

from pvd_mailer.services.context import AppContext
from pvd_mailer.subscribers import privacy, signup_requests
from pvd_mailer.subscribers.address import Address
from pvd_mailer.subscribers.privacy import Erasure, ExpiredSubscriber

__all__ = ["Erasure", "ExpiredSubscriber", "access_report", "apply_retention", "expired_people", "forget"]


def access_report(context: AppContext, address: Address) -> dict[str, Any]:
    """Everything that is held on whoever has that address, for JSON."""
    with context.database.read() as connection:
        return privacy.build_access_report(connection, address.key, context.keys)


def forget(context: AppContext, address: Address, now: datetime) -> Erasure:
    """Erase one person everywhere, the journal included; a keyed hash stays, so that nobody adds them again."""
    return privacy.erase_person(context.database, address.key, context.keys, now)


def expired_people(context: AppContext, now: datetime, years: int) -> list[ExpiredSubscriber]:
    """Who has been kept for `years` without contact, or left as long ago. Nothing is written."""
    with context.database.read() as connection:
        return list(privacy.expired_subscribers(connection, now, years))


def apply_retention(context: AppContext, now: datetime, years: int) -> list[ExpiredSubscriber]:
    """Erase `expired_people`, and sign-up requests that were never confirmed."""
    with context.database.write() as connection:
        signup_requests.purge_expired_requests(connection, now)
    return privacy.erase_expired(context.database, context.keys, now, years)
