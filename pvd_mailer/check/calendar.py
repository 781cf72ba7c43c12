"""Dates as people write them in a text, in French and in English; the year is inferred where it is not said."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.dates import get_day_names, get_month_names

__all__ = ["Written", "dates_in", "day_name", "long_day"]

FAR = 120
"""In days: beyond, a date without a year may be of the year before or after as well."""


@dataclass(frozen=True, slots=True)
class Written:
    """A date in a text, by offsets.

    Attributes:
        weekday: From 0, Monday; None where none is said.
        years: The years that may be meant, the most likely first; one alone where it is written.
    """

    start: int
    end: int
    weekday: int | None
    day: int
    month: int
    years: tuple[int, ...]

    def dates(self) -> list[date]:
        """The dates that may be meant; none where the calendar has no such day."""
        found = []
        for year in self.years:
            try:
                found.append(date(year, self.month, self.day))
            except ValueError:
                continue
        return found


@lru_cache
def _names(lang: str) -> tuple[dict[str, int], dict[str, int]]:
    months = {str(name): number for number, name in get_month_names("wide", locale=lang).items()}
    days = {str(name): number for number, name in get_day_names("wide", locale=lang).items()}
    if lang == "fr":
        months |= {"fevrier": 2, "aout": 8, "decembre": 12}
    return months, days


def day_name(day: date, lang: str) -> str:
    """`jeudi`."""
    return str(get_day_names("wide", locale=lang)[day.weekday()])


def long_day(day: date, lang: str) -> str:
    """`23 mars 2023`, `23 March 2023`."""
    number = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{number} {get_month_names('wide', locale=lang)[day.month]} {day.year}"


@lru_cache
def _pattern(lang: str) -> re.Pattern[str]:
    months, days = _names(lang)
    month, day = "|".join(months), "|".join(days)
    if lang == "fr":
        # `lundi 6 et mardi 7 mars`: the month of the second is that of the first.
        return re.compile(
            rf"""(?<![\w-])(?:(?P<weekday>(?i:{day}))\s+(?:le\s+)?)?(?P<day>1er|premier|\d{{1,2}})
            (?:\s+(?P<month>(?i:{month}))(?![\w-])(?:\s+(?P<year>(?:1[5-9]|20)\d\d)(?!\d))?
              |(?P<shared>\s*(?:,|et|ou|au|à|–|-)\s*(?:le\s+)?(?:(?:{day})\s+)?(?:\d{{1,2}}\s*(?:,|et|ou|au)\s*(?:(?:{day})\s+)?)?
                \d{{1,2}}\s+(?P<later>(?i:{month}))(?![\w-])(?:\s+(?P<lateryear>(?:1[5-9]|20)\d\d)(?!\d))?))""",
            re.VERBOSE,
        )
    return re.compile(
        rf"""(?<![\w-])(?:(?P<weekday>{day}),?\s+(?:the\s+)?)?
        (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{month})
          |(?P<month2>{month})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))
        (?![\w-])(?:,?\s+(?P<year>(?:1[5-9]|20)\d\d)(?!\d))?""",
        re.VERBOSE,
    )


def dates_in(text: str, lang: str, issued: date) -> Iterator[Written]:
    """The dates of `text`, in a letter that comes out on `issued`."""
    months, days = _names(lang)
    at = 0
    while match := _pattern(lang).search(text, at):
        groups = match.groupdict()
        number = groups["day"] or groups.get("day2") or ""
        day = 1 if number in ("1er", "premier") else int(number)
        name = groups["month"] or groups.get("month2") or groups.get("later") or ""
        month = months.get(name) or months[name.lower()]
        year = groups.get("year") or groups.get("lateryear")
        weekday = days[groups["weekday"].lower() if lang == "fr" else groups["weekday"]] if groups["weekday"] else None
        shared = groups.get("shared")
        end = match.start("shared") if shared else match.end()
        at = end if end > match.start() else match.end()
        if shared and weekday is None:
            continue  # `2 à 3 mars` says nothing of which month the 2 is in
        years = (int(year),) if year else _years(day, month, issued)
        yield Written(match.start(), end, weekday, day, month, years)


def _years(day: int, month: int, issued: date) -> tuple[int, ...]:
    """The years that a date without one may be in, the nearest first."""

    def away(year: int) -> int:
        # Near enough for days that a month does not have.
        return abs((date(year, month, min(day or 1, 28)) - issued).days)

    near = sorted((issued.year - 1, issued.year, issued.year + 1), key=away)
    return tuple(near[:2]) if away(near[0]) > FAR else (near[0],)
