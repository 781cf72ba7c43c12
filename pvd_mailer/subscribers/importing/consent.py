"""The proof that a person may be written to, as a list or a command states it."""

import re
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time

from pvd_mailer.database.states import LegalBasis
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.subscribers.tags import tag_key

__all__ = ["parse_consent_date", "parse_legal_basis"]

_BASES = {
    LegalBasis.CONSENT: ("consent", "consentement", "6-1-a", "optin", "opt-in"),
    LegalBasis.PUBLIC_MISSION: (
        "public-mission",
        "mission-publique",
        "mission-d-interet-public",
        "mission-de-service-public",
        "interet-public",
        "6-1-e",
    ),
}
_BY_NAME = {name: basis for basis, names in _BASES.items() for name in names}
_ISO = re.compile(r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})(?:(?:[T ]|,\s)\s*(?P<t>\S.*))?", re.ASCII)
_FRENCH = re.compile(
    r"(?P<d>\d{1,2})([-/.])(?P<m>\d{1,2})\2(?P<y>\d{4}|\d{2})(?:,?\s+(?:[àa]\s+|at\s+)?(?P<t>\S.*))?", re.ASCII
)
_IN_WORDS = re.compile(
    r"(?:[^\W\d]+\.?,?\s+)?(?:(?P<d>\d{1,2})(?:er|st|nd|rd|th)?[-\s]+(?P<m>[^\W\d]{3,9})\.?[-\s,]+"
    r"|(?P<m2>[^\W\d]{3,9})\.?\s+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?\s+)(?P<y>\d{4})"
    r"(?:,?\s+(?:[àa]\s+|at\s+)?(?P<t>\d.*))?"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv janvier january",
            "feb fev fevr fevrier february",
            "mar mars march",
            "apr avr avril april",
            "may mai",
            "jun juin june",
            "jul juil juillet july",
            "aug aou aout august",
            "sep sept septembre september",
            "oct octobre october",
            "nov novembre november",
            "dec decembre december",
        ),
        1,
    )
    for name in names.split()
}
_TIME = re.compile(
    r"(\d{1,2})\s*[:h]\s*(\d{2})?(?::(\d{2})(?:[.,]\d+)?)?\s*([AP]M)?\s*(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_EXCEL_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_UNIX_SECONDS = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d+)?", re.ASCII)
_EXCEL_DAY_ZERO = date(1899, 12, 30)
"""Day 0 of a spreadsheet's serial numbers, as far as they are of this century or the last."""
_NOON = clock_time(12, tzinfo=UTC)
"""Of a day without an hour: the same day in every French zone but one."""
EARLIEST_CONSENT = datetime(1990, 1, 1, tzinfo=UTC)


def parse_legal_basis(text: str) -> LegalBasis:
    """The legal basis that `text` names, in French or English.

    Raises:
        WrongUsageError: it names none.
    """
    basis = _BY_NAME.get(tag_key(text.replace(".", "-")))
    if basis is None:
        raise WrongUsageError(
            _("“{text}” is not a legal basis").format(text=text[:40]),
            _("Write consent (the person agreed) or public-mission (a public body informs on its mission)."),
        )
    return basis


def parse_consent_date(text: str, now: datetime) -> datetime:
    """The moment that `text` writes, with an hour or without; hours are this machine's unless they say otherwise.

    2026-03-07, 07/03/2026, 07-03-26, 7 mars 2026, Mar 7, 2026, 20260307, a spreadsheet's serial number, seconds or
    milliseconds since 1970. Where day and month could be either, the day comes first, as in French.

    Raises:
        WrongUsageError: it writes none, or one that cannot be: before 1990, or still to come.
    """
    try:
        moment = _parse(text.strip(), now)
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or not EARLIEST_CONSENT <= moment <= now + timedelta(days=1):
        raise WrongUsageError(
            _("“{text}” is not the date of a consent").format(text=text[:40]),
            _("Write it like 2026-03-07 or 07/03/2026; it cannot be still to come."),
        )
    return min(moment, now)


def _parse(text: str, now: datetime) -> datetime | None:
    if match := _ISO.fullmatch(text):
        return _moment(date(int(match["y"]), int(match["m"]), int(match["d"])), match["t"])
    if match := _FRENCH.fullmatch(text):
        year = int(match["y"])
        if len(match["y"]) == 2:  # noqa: PLR2004 - 21 is 2021, and 98 was in the last century
            year += 2000 if year <= now.year % 100 else 1900
        return _moment(date(year, int(match["m"]), int(match["d"])), match["t"])
    if match := _COMPACT.fullmatch(text):
        return _moment(date(*map(int, match.groups())), None)
    if _EXCEL_SERIAL.fullmatch(text):
        days, _point, fraction = text.replace(",", ".").partition(".")
        day = _EXCEL_DAY_ZERO + timedelta(days=int(days))
        if not fraction:
            return _moment(day, None)
        moment = datetime.combine(day, clock_time()) + timedelta(seconds=round(float(f"0.{fraction}") * 86400))
        return moment.astimezone().astimezone(UTC)
    if match := _UNIX_SECONDS.fullmatch(text):
        return datetime.fromtimestamp(int(match[1]), UTC)
    if match := _IN_WORDS.fullmatch(text):
        month = _MONTHS.get(tag_key(match["m"] or match["m2"]))
        return _moment(date(int(match["y"]), month, int(match["d"] or match["d2"])), match["t"]) if month else None
    return None


def _moment(day: date, time_text: str | None) -> datetime:
    if not time_text:
        return datetime.combine(day, _NOON)
    match = _TIME.fullmatch(time_text.strip())
    if not match:
        raise ValueError
    hour, meridiem, zone = int(match[1]), (match[4] or "").upper(), (match[5] or "").upper()
    if meridiem:
        hour = hour % 12 + (12 if meridiem == "PM" else 0)
    moment = datetime.combine(day, clock_time(hour, int(match[2] or 0), int(match[3] or 0)))
    if not zone:
        return moment.astimezone().astimezone(UTC)
    offset = zone.removeprefix("UTC").removeprefix("GMT") or "Z"
    return datetime.fromisoformat(moment.isoformat() + offset).astimezone(UTC)
