"""Dates and hours as French and English write them; weekdays are computed, never typed.

French follows the Lexique of the Imprimerie nationale: "mercredi 8 mars, de 13 h 30 à 14 h 30", "1er", with
no-break spaces inside the hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from babel.dates import get_day_names, get_month_names

from pvd_mailer.issue.when import When

__all__ = ["DateTile", "long_date", "month_year", "short_date", "tile", "when_text"]

NBSP = "\u00a0"
# Zones where readers of French live, as French names them.
_FRENCH_PLACES = {
    "Guadeloupe": "de la Guadeloupe",
    "Martinique": "de la Martinique",
    "Miquelon": "de Saint-Pierre-et-Miquelon",
    "Noumea": "de Nouméa",
    "Reunion": "de La Réunion",
    "Brussels": "de Bruxelles",
    "London": "de Londres",
}


def _month(day: date, lang: str) -> str:
    return str(get_month_names("wide", locale=lang)[day.month])


def _weekday(day: date, lang: str, width: Literal["wide", "abbreviated"] = "wide") -> str:
    return str(get_day_names(width, locale=lang)[day.weekday()])


def _number(day: date, lang: str) -> str:
    return "1er" if lang == "fr" and day.day == 1 else str(day.day)


def _hour(hour: time, lang: str) -> str:
    if lang == "fr":
        minutes = f"{NBSP}{hour.minute:02}" if hour.minute else ""
        return f"{hour.hour}{NBSP}h{minutes}"
    half = "am" if hour.hour < 12 else "pm"  # noqa: PLR2004 - noon
    minutes = f":{hour.minute:02}" if hour.minute else ""
    return f"{hour.hour % 12 or 12}{minutes}{NBSP}{half}"


def _day_text(day: date, lang: str, *, weekday: bool, month: bool = True, year: bool = False) -> str:
    number = _number(day, lang)
    name = _weekday(day, lang) if weekday else ""
    if lang == "fr":
        parts = [
            name,
            f"{number}{NBSP}{_month(day, lang)}" if month else number,
            str(day.year) if year else "",
        ]
        return " ".join(part for part in parts if part)
    text = f"{number}{NBSP}{_month(day, lang)}" if month else number
    return " ".join(part for part in (name, text, str(day.year) if year else "") if part)


def long_date(day: date, lang: str) -> str:
    """`7 mars 2023`."""
    return _day_text(day, lang, weekday=False, year=True)


def short_date(day: date, lang: str) -> str:
    """`8 mars`."""
    return _day_text(day, lang, weekday=False)


def month_year(day: date, lang: str) -> str:
    """`mars 2023`."""
    return f"{_month(day, lang)} {day.year}"


@dataclass(frozen=True, slots=True)
class DateTile:
    """A date as a calendar leaf shows it."""

    weekday: str
    day: str
    month: str


def tile(when: When, lang: str) -> DateTile:
    """The first day of `when` as a calendar leaf."""
    day = when.first_day
    return DateTile(_weekday(day, lang, "abbreviated"), str(day.day), _month(day, lang))


def _zone_name(zone: str, lang: str) -> str:
    """`heure de Paris`: readers overseas live by other clocks."""
    city = zone.rpartition("/")[2].replace("_", " ")
    if lang == "fr" and city in _FRENCH_PLACES:
        return f"heure {_FRENCH_PLACES[city]}"
    if lang == "fr":
        article = "d’" if city[0] in "AEIOUY" else "de "
        return f"heure {article}{city}"
    return f"{city} time"


def when_text(when: When, lang: str, *, issued: date, say_zone: bool) -> str:
    """`mercredi 8 mars, de 13 h 30 à 14 h 30 (heure de Paris)`.

    The year is said where it is not that of the issue, which came out on `issued`.
    """
    first, last = when.first_day, when.last_day
    year = first.year != issued.year or last.year != issued.year
    french = lang == "fr"
    if first != last:
        to = " au " if french else " to "
        begins = _day_text(
            first,
            lang,
            weekday=True,
            month=(first.month, first.year) != (last.month, last.year),
            year=first.year != last.year,
        )
        days = ("du " if french else "from ") + begins + to + _day_text(last, lang, weekday=True, year=year)
        if not isinstance(when.start, datetime) or not isinstance(when.end, datetime):
            return days
        hours = f"{_hour(when.start.time(), lang)} – {_hour(when.end.time(), lang)}"
        return f"{days}, {hours}{_zone(when, lang, say_zone=say_zone)}"
    day = _day_text(first, lang, weekday=True, year=year)
    if not isinstance(when.start, datetime):
        return day
    start = _hour(when.start.time(), lang)
    if isinstance(when.end, datetime):
        end = _hour(when.end.time(), lang)
        hours = f"de {start} à {end}" if french else f"from {start} to {end}"
    else:
        hours = f"à {start}" if french else f"at {start}"
    return f"{day}, {hours}{_zone(when, lang, say_zone=say_zone)}"


def _zone(when: When, lang: str, *, say_zone: bool) -> str:
    return f" ({_zone_name(when.zone, lang)})" if say_zone else ""
