"""The proof that a person may be written to, as a list or a command states it."""

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from pvd_mailer.audience.tags import tag_key
from pvd_mailer.database.states import Basis
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _

__all__ = ["read_basis", "read_date"]

_BASES = {
    Basis.CONSENT: ("consent", "consentement", "6-1-a", "optin", "opt-in"),
    Basis.PUBLIC_MISSION: (
        "public-mission",
        "mission-publique",
        "mission-d-interet-public",
        "mission-de-service-public",
        "interet-public",
        "6-1-e",
    ),
}
_BY_NAME = {name: basis for basis, names in _BASES.items() for name in names}
_ISO = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})(?:[T ](?P<t>\S.*))?", re.ASCII)
_FRENCH = re.compile(r"(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4})(?:\s+(?:à\s+)?(?P<t>\S.*))?", re.ASCII)
_TIME = re.compile(r"(\d{1,2})\s*[:h]\s*(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_NOON = clock_time(12, tzinfo=UTC)
"""Of a day without an hour: the same day in every French zone but one."""
OLDEST = datetime(1990, 1, 1, tzinfo=UTC)


def read_basis(text: str) -> Basis:
    """The legal basis that `text` names, in French or English.

    Raises:
        WrongUsageError: it names none.
    """
    found = _BY_NAME.get(tag_key(text.replace(".", "-")))
    if found is None:
        raise WrongUsageError(
            _("“{text}” is not a legal basis").format(text=text[:40]),
            _("Write consent (the person agreed) or public-mission (a public body informs on its mission)."),
        )
    return found


def read_date(text: str, now: datetime) -> datetime:
    """The moment that `text` writes: 2026-03-07, 07/03/2026, with an hour or without; hours are this machine's.

    Raises:
        WrongUsageError: it writes none, or one that cannot be: before 1990, or still to come.
    """
    said = text.strip()
    match = _ISO.fullmatch(said) or _FRENCH.fullmatch(said)
    moment = None
    if match:
        try:
            moment = _moment(date(int(match["y"]), int(match["m"]), int(match["d"])), match["t"])
        except (ValueError, OverflowError, OSError):
            moment = None
    if moment is None or not OLDEST <= moment <= now + timedelta(days=1):
        raise WrongUsageError(
            _("“{text}” is not the date of a consent").format(text=text[:40]),
            _("Write it like 2026-03-07 or 07/03/2026; it cannot be still to come."),
        )
    return min(moment, now)


def _moment(day: date, said: str | None) -> datetime:
    if not said:
        return datetime.combine(day, _NOON)
    match = _TIME.fullmatch(said.strip())
    if not match:
        raise ValueError
    zone = match[4]
    moment = datetime.combine(day, clock_time(int(match[1]), int(match[2]), int(match[3] or 0)))
    if zone:
        return datetime.fromisoformat(moment.isoformat() + zone).astimezone(UTC)
    return moment.astimezone().astimezone(UTC)
