"""Dates and hours as French and English write them; weekdays are computed, never typed.

French follows the Lexique of the Imprimerie nationale: "mercredi 8 mars, de 13 h 30 à 14 h 30", "1er", with
no-break spaces inside the hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from babel.dates import get_day_names, get_month_names

from pvd_mailer.issue.schedule import TimeRange

__all__ = ["DateTile", "date_tile", "long_date", "month_year", "short_date", "time_range_text"]

_NBSP = "\u00a0"
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


def _month_name(day: date, lang: str) -> str:
    return str(get_month_names("wide", locale=lang)[day.month])


def _weekday_name(day: date, lang: str, width: Literal["wide", "abbreviated"] = "wide") -> str:
    return str(get_day_names(width, locale=lang)[day.weekday()])


def _day_number(day: date, lang: str) -> str:
    return "1er" if lang == "fr" and day.day == 1 else str(day.day)


def _hour_text(hour: time, lang: str) -> str:
    if lang == "fr":
        minutes = f"{_NBSP}{hour.minute:02}" if hour.minute else ""
        return f"{hour.hour}{_NBSP}h{minutes}"
    half = "am" if hour.hour < 12 else "pm"  # noqa: PLR2004 - noon
    minutes = f":{hour.minute:02}" if hour.minute else ""
    return f"{hour.hour % 12 or 12}{minutes}{_NBSP}{half}"


def _day_text(day: date, lang: str, *, weekday: bool, month: bool = True, year: bool = False) -> str:
    number = _day_number(day, lang)
    weekday_name = _weekday_name(day, lang) if weekday else ""
    if lang == "fr":
        parts = [
            weekday_name,
            f"{number}{_NBSP}{_month_name(day, lang)}" if month else number,
            str(day.year) if year else "",
        ]
        return " ".join(part for part in parts if part)
    text = f"{number}{_NBSP}{_month_name(day, lang)}" if month else number
    return " ".join(part for part in (weekday_name, text, str(day.year) if year else "") if part)


def long_date(day: date, lang: str) -> str:
    """`7 mars 2023`."""
    return _day_text(day, lang, weekday=False, year=True)


def short_date(day: date, lang: str) -> str:
    """`8 mars`."""
    return _day_text(day, lang, weekday=False)


def month_year(day: date, lang: str) -> str:
    """`mars 2023`."""
    return f"{_month_name(day, lang)} {day.year}"


@dataclass(frozen=True, slots=True)
class DateTile:
    """A date as a calendar leaf shows it."""

    weekday: str
    day: str
    month: str


def date_tile(time_range: TimeRange, lang: str) -> DateTile:
    """The first day of `time_range` as a calendar leaf."""
    day = time_range.first_day
    return DateTile(_weekday_name(day, lang, "abbreviated"), str(day.day), _month_name(day, lang))


def _zone_name(zone: str, lang: str) -> str:
    """`heure de Paris`: readers overseas live by other clocks."""
    city = zone.rpartition("/")[2].replace("_", " ")
    if lang == "fr" and city in _FRENCH_PLACES:
        return f"heure {_FRENCH_PLACES[city]}"
    if lang == "fr":
        article = "d’" if city[0] in "AEIOUY" else "de "
        return f"heure {article}{city}"
    return f"{city} time"


def time_range_text(time_range: TimeRange, lang: str, *, issued: date, say_zone: bool) -> str:
    """`mercredi 8 mars, de 13 h 30 à 14 h 30 (heure de Paris)`.

    The year is said where it is not that of the issue, which came out on `issued`.
    """
    first, last = time_range.first_day, time_range.last_day
    year = first.year != issued.year or last.year != issued.year
    french = lang == "fr"
    if first != last:
        joiner = " au " if french else " to "
        first_text = _day_text(
            first,
            lang,
            weekday=True,
            month=(first.month, first.year) != (last.month, last.year),
            year=first.year != last.year,
        )
        days = ("du " if french else "from ") + first_text + joiner + _day_text(last, lang, weekday=True, year=year)
        if not isinstance(time_range.start, datetime) or not isinstance(time_range.end, datetime):
            return days
        hours = f"{_hour_text(time_range.start.time(), lang)} – {_hour_text(time_range.end.time(), lang)}"
        return f"{days}, {hours}{_zone_suffix(time_range, lang, say_zone=say_zone)}"
    day = _day_text(first, lang, weekday=True, year=year)
    if not isinstance(time_range.start, datetime):
        return day
    start = _hour_text(time_range.start.time(), lang)
    if isinstance(time_range.end, datetime):
        end = _hour_text(time_range.end.time(), lang)
        hours = f"de {start} à {end}" if french else f"from {start} to {end}"
    else:
        hours = f"à {start}" if french else f"at {start}"
    return f"{day}, {hours}{_zone_suffix(time_range, lang, say_zone=say_zone)}"


def _zone_suffix(time_range: TimeRange, lang: str, *, say_zone: bool) -> str:
    return f" ({_zone_name(time_range.zone, lang)})" if say_zone else ""
