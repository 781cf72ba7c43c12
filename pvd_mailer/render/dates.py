"""Dates and hours as French and English write them; weekdays are computed, never typed.

French follows the Lexique of the Imprimerie nationale: "mercredi 8 mars, de 13 h 30 à 14 h 30", "1er", with
no-break spaces inside the hour.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import get_day_names, get_month_names

from pvd_mailer.issue.schedule import TimeRange

__all__ = [
    "DateTile",
    "date_tile",
    "hour_text",
    "hours_text",
    "long_date",
    "month_year",
    "short_date",
    "time_range_text",
    "zone_name",
]

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


def _weekday_name(day: date, lang: str) -> str:
    return str(get_day_names("wide", locale=lang)[day.weekday()])


def _day_number(day: date, lang: str) -> str:
    return "1er" if lang == "fr" and day.day == 1 else str(day.day)


def hour_text(hour: time, lang: str) -> str:
    """`13 h 30`."""
    if lang == "fr":
        minutes = f"{_NBSP}{hour.minute:02}" if hour.minute else ""
        return f"{hour.hour}{_NBSP}h{minutes}"
    half = "am" if hour.hour < 12 else "pm"  # noqa: PLR2004 - noon
    minutes = f":{hour.minute:02}" if hour.minute else ""
    return f"{hour.hour % 12 or 12}{minutes}{_NBSP}{half}"


def _day_text(day: date, lang: str, *, weekday: bool, month: bool = True, year: bool = False) -> str:
    weekday_name = _weekday_name(day, lang) if weekday else ""
    number = _day_number(day, lang)
    date_text = f"{number}{_NBSP}{_month_name(day, lang)}" if month else number
    return " ".join(part for part in (weekday_name, date_text, str(day.year) if year else "") if part)


def long_date(day: date, lang: str) -> str:
    """`7 mars 2023`."""
    return _day_text(day, lang, weekday=False, year=True)


def short_date(day: date, lang: str, *, issued: date) -> str:
    """`8 mars`; with the year where it is not that of the issue, which came out on `issued`."""
    return _day_text(day, lang, weekday=False, year=day.year != issued.year)


def month_year(day: date, lang: str) -> str:
    """`mars 2023`."""
    return f"{_month_name(day, lang)} {day.year}"


@dataclass(frozen=True, slots=True)
class DateTile:
    """A date as a calendar leaf shows it: "mercredi", "8", "mars"; with its year where that is not the issue's."""

    weekday: str
    day: str
    month: str


def date_tile(time_range: TimeRange, lang: str, *, issued: date) -> DateTile:
    """The first day of `time_range` as a calendar leaf, in an issue that came out on `issued`."""
    day = time_range.first_day
    month = _month_name(day, lang) if day.year == issued.year else month_year(day, lang)
    return DateTile(_weekday_name(day, lang), _day_number(day, lang), month)


def zone_name(zone: str, lang: str) -> str:
    """`heure de Paris`: readers overseas live by other clocks."""
    city = zone.rpartition("/")[2].replace("_", " ")
    if lang == "fr" and city in _FRENCH_PLACES:
        return f"heure {_FRENCH_PLACES[city]}"
    if lang == "fr":
        article = "d’" if city[0] in "AEIOUY" else "de "
        return f"heure {article}{city}"
    return f"{city} time"


def hours_text(time_range: TimeRange, lang: str, *, say_zone: bool) -> str:
    """`de 13 h 30 à 14 h 30 (heure de Paris)`, of one day; empty where only the day is known."""
    hours = _hours_of_day(time_range, lang)
    return f"{hours} ({zone_name(time_range.zone, lang)})" if hours and say_zone else hours


def time_range_text(time_range: TimeRange, lang: str, *, issued: date, say_zone: bool) -> str:
    """`mercredi 8 mars, de 13 h 30 à 14 h 30 (heure de Paris)`.

    The year is said where it is not that of the issue, which came out on `issued`.
    """
    first, last = time_range.first_day, time_range.last_day
    year = first.year != issued.year or last.year != issued.year
    if first == last:
        days = _day_text(first, lang, weekday=True, year=year)
        hours = _hours_of_day(time_range, lang)
    else:
        days = _days_text(first, last, lang, year=year)
        hours = _hours_across_days(time_range, lang)
    zone = f" ({zone_name(time_range.zone, lang)})" if say_zone else ""
    return f"{days}, {hours}{zone}" if hours else days


def _days_text(first: date, last: date, lang: str, *, year: bool) -> str:
    """`du mardi 7 au jeudi 9 mars`: what both days have in common is said with the last one."""
    first_text = _day_text(
        first,
        lang,
        weekday=True,
        month=(first.month, first.year) != (last.month, last.year),
        year=first.year != last.year,
    )
    last_text = _day_text(last, lang, weekday=True, year=year)
    return f"du {first_text} au {last_text}" if lang == "fr" else f"from {first_text} to {last_text}"


def _hours_of_day(time_range: TimeRange, lang: str) -> str:
    """`de 13 h 30 à 14 h 30`, `à 13 h 30`; empty where only the day is known."""
    if not isinstance(time_range.start, datetime):
        return ""
    start = hour_text(time_range.start.time(), lang)
    if not isinstance(time_range.end, datetime):
        return f"à {start}" if lang == "fr" else f"at {start}"
    end = hour_text(time_range.end.time(), lang)
    return f"de {start} à {end}" if lang == "fr" else f"from {start} to {end}"


def _hours_across_days(time_range: TimeRange, lang: str) -> str:
    """`13 h 30 – 14 h 30`: of the first day, and of the last; empty where they are not both known."""
    if not isinstance(time_range.start, datetime) or not isinstance(time_range.end, datetime):
        return ""
    return f"{hour_text(time_range.start.time(), lang)} – {hour_text(time_range.end.time(), lang)}"
