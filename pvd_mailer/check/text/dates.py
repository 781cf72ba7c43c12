"""Dates as people write them in a text, in French and in English; `years` infers the year where it is not said."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from babel.dates import get_day_names, get_month_names

from pvd_mailer.check.text.years import YearHints, YearInference

__all__ = ["DateScan", "WrittenDate", "dates_in", "day_name", "long_day", "months_in", "scan_dates"]

_MONTHS_IN_A_YEAR = 12
_FIRST_OF_MONTH = ("1er", "1ᵉʳ", "premier")


@dataclass(frozen=True, slots=True)
class WrittenDate:
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

    def possible_dates(self) -> list[date]:
        """The dates that may be meant; none where the calendar has no such day."""
        dates = []
        for year in self.years:
            try:
                dates.append(date(year, self.month, self.day))
            except ValueError:
                continue
        return dates


@lru_cache
def _month_and_day_numbers(lang: str) -> tuple[dict[str, int], dict[str, int]]:
    months = {str(name): number for number, name in get_month_names("wide", locale=lang).items()}
    days = {str(name): number for number, name in get_day_names("wide", locale=lang).items()}
    if lang == "fr":
        months |= {"fevrier": 2, "aout": 8, "decembre": 12}
    days |= {str(name): number for number, name in get_day_names("abbreviated", locale=lang).items()}
    return months, days


def day_name(day: date, lang: str) -> str:
    """`jeudi`."""
    return str(get_day_names("wide", locale=lang)[day.weekday()])


def long_day(day: date, lang: str) -> str:
    """`23 mars 2023`, `23 March 2023`."""
    number = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    return f"{number} {get_month_names('wide', locale=lang)[day.month]} {day.year}"


@lru_cache
def _date_pattern(lang: str) -> re.Pattern[str]:
    months, days = _month_and_day_numbers(lang)
    month, day = "|".join(months), "|".join(re.escape(name) for name in days)
    if lang == "fr":
        # `lundi 6 et mardi 7 mars`: the month of the second is that of the first.
        return re.compile(
            rf"""(?<![\w-])(?:(?P<weekday>(?i:{day})),?\s+(?:le\s+)?)?(?P<day>1er|1ᵉʳ|premier|\d{{1,2}})
            (?:\s+(?P<month>(?i:{month}))(?![\w-])(?:\s+(?P<year>(?:1[5-9]|20)\d\d)(?!\d))?
              |(?P<shared>\s*(?:,|et|ou|au|à|–|-)\s*(?:le\s+)?(?:(?:{day})\s+)?(?:\d{{1,2}}\s*(?:,|et|ou|au)\s*(?:(?:{day})\s+)?)?
                \d{{1,2}}\s+(?P<shared_month>(?i:{month}))(?![\w-])(?:\s+(?P<shared_year>(?:1[5-9]|20)\d\d)(?!\d))?))""",
            re.VERBOSE,
        )
    return re.compile(
        rf"""(?<![\w-])(?:(?P<weekday>{day})\.?,?\s+(?:the\s+)?)?
        (?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{month})
          |(?P<month_before_day>{month})\s+(?P<day_after_month>\d{{1,2}})(?:st|nd|rd|th)?(?!\d))
        (?![\w-])(?:,?\s+(?P<year>(?:1[5-9]|20)\d\d)(?!\d))?""",
        re.VERBOSE,
    )


@dataclass(frozen=True, slots=True)
class DateScan:
    """Where dates stand in a text: what no year depends on, and so is looked for once, whoever asks.

    Attributes:
        written_years: Where dates with a year stand, and which year.
    """

    text: str
    lang: str
    pairs: tuple[re.Match[str], ...] = ()
    in_words: tuple["_DateParts", ...] = ()
    in_digits: tuple[re.Match[str], ...] = ()
    written_years: tuple[tuple[int, int], ...] = ()


def scan_dates(text: str, lang: str) -> DateScan:
    """Where dates stand in `text`, which is in `lang`."""
    if not _DAY_SIGN.search(text):
        return DateScan(text, lang)
    in_digits = tuple(_digit_pattern(lang).finditer(text)) if _BETWEEN_DIGITS.search(text) else ()
    # Looking for a name is quick, looking for the whole date is not.
    folded = text.casefold()
    if not any(name in folded for name in _folded_months(lang)):
        return DateScan(text, lang, (), (), in_digits, tuple(_years_of_matches(in_digits)))
    pairs = tuple(_pair_pattern(lang).finditer(text))
    years = (*_years_of_matches(_date_pattern(lang).finditer(text)), *_years_of_matches((*in_digits, *pairs)))
    return DateScan(text, lang, pairs, tuple(_dates_in_words(text, lang)), in_digits, years)


_DAY_SIGN = re.compile(r"\d|premier")
_BETWEEN_DIGITS = re.compile(r"\d[/.]\d")


@lru_cache
def _folded_months(lang: str) -> tuple[str, ...]:
    return tuple(name.casefold() for name in _month_and_day_numbers(lang)[0])


def dates_in(scan: DateScan, issued: date, hints: YearHints | None = None) -> Iterator[WrittenDate]:
    """The dates of `scan`, in a letter that comes out on `issued`; `hints` says of which other years they may be."""
    if not (scan.pairs or scan.in_words or scan.in_digits):
        return
    years_of = YearInference(scan.text, scan.lang, issued, hints or YearHints(), list(scan.written_years))
    pairs = list(_paired_dates(scan, years_of))
    yield from pairs
    for parts in scan.in_words:
        if any(pair.start <= parts.start < pair.end for pair in pairs):
            continue
        if parts.shares_month and parts.weekday is None:
            continue  # `2 à 3 mars` says nothing of which month the 2 is in
        years = (parts.year,) if parts.year else years_of.years(parts.day, parts.month, parts.phrase_end)
        yield WrittenDate(parts.start, parts.end, parts.weekday, parts.day, parts.month, years)
    yield from _dates_in_digits(scan, years_of)


@dataclass(frozen=True, slots=True)
class _DateParts:
    """What a match of the pattern of dates says, whichever way the date is written.

    Attributes:
        end: Where this date ends.
        phrase_end: Where what tells its month and year ends: of `lundi 6` in `lundi 6 et mardi 7 mars`, after `mars`.
    """

    start: int
    end: int
    phrase_end: int
    weekday: int | None
    day: int
    month: int
    year: int | None

    @property
    def shares_month(self) -> bool:
        """Whether the month is that of the next date."""
        return self.end < self.phrase_end


def _dates_in_words(text: str, lang: str) -> Iterator[_DateParts]:
    """`jeudi 23 mars 2023`. The second of two dates that share a month comes by itself, after the first."""
    position = 0
    while match := _date_pattern(lang).search(text, position):
        parts = _date_parts(match, lang)
        yield parts
        position = parts.end


def _date_parts(match: re.Match[str], lang: str) -> _DateParts:
    groups = match.groupdict()
    day = groups["day"] or groups.get("day_after_month") or ""
    month = groups["month"] or groups.get("month_before_day") or groups.get("shared_month") or ""
    year = groups.get("year") or groups.get("shared_year")
    return _DateParts(
        start=match.start(),
        end=match.start("shared") if groups.get("shared") else match.end(),
        phrase_end=match.end(),
        weekday=_weekday(groups["weekday"], lang),
        day=1 if day in _FIRST_OF_MONTH else int(day),
        month=_month(month, lang),
        year=int(year) if year else None,
    )


def _years_of_matches(matches: Iterable[re.Match[str]]) -> Iterator[tuple[int, int]]:
    """Where those of `matches` stand that say a year, and which."""
    for match in matches:
        groups = match.groupdict()
        year = groups.get("year") or groups.get("shared_year")
        if year:
            yield match.start(), int(year)


def _dates_in_digits(scan: DateScan, years_of: YearInference) -> Iterator[WrittenDate]:
    """`23/05/2023`, and `lundi 23/05`: without a year, a weekday has to say that it is a date."""
    lang = scan.lang
    for match in scan.in_digits:
        day, month = int(match["day"]), int(match["month"])
        if lang == "en" and day <= _MONTHS_IN_A_YEAR:
            continue  # 05/04/2023 is one day in London and another in New York
        if not 1 <= month <= _MONTHS_IN_A_YEAR or not day or not (match["year"] or match["weekday"]):
            continue
        years = (int(match["year"]),) if match["year"] else years_of.years(day, month, match.end())
        yield WrittenDate(*match.span(), _weekday(match["weekday"], lang), day, month, years)


def _paired_dates(scan: DateScan, years_of: YearInference) -> Iterator[WrittenDate]:
    """`lundi et mardi 23 et 24 mai`: two weekdays, then their two dates."""
    lang = scan.lang
    for match in scan.pairs:
        month = _month(match["month"], lang)
        for weekday_name, day_digits in (
            (match["first_weekday"], match["first_day"]),
            (match["second_weekday"], match["second_day"]),
        ):
            day = int(day_digits)
            years = (int(match["year"]),) if match["year"] else years_of.years(day, month, match.end())
            yield WrittenDate(*match.span(), _weekday(weekday_name, lang), day, month, years)


def months_in(text: str, lang: str) -> set[int]:
    """The months that `text` names."""
    return {_month(name, lang) for name in _month_pattern(lang).findall(text)}


def _month(name: str, lang: str) -> int:
    months, _days = _month_and_day_numbers(lang)
    return months.get(name) or months[name.lower()]


def _weekday(name: str | None, lang: str) -> int | None:
    if not name:
        return None
    return _month_and_day_numbers(lang)[1][name.lower() if lang == "fr" else name]


@lru_cache
def _month_pattern(lang: str) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in _month_and_day_numbers(lang)[0])
    return re.compile(rf"(?<![\w-])(?:{names})(?![\w-])", re.IGNORECASE if lang == "fr" else 0)


@lru_cache
def _digit_pattern(lang: str) -> re.Pattern[str]:
    day = "|".join(re.escape(name) for name in _month_and_day_numbers(lang)[1])
    return re.compile(
        rf"""(?<![\w./-])(?:(?P<weekday>{day})\.?,?\s+(?:le\s+|the\s+)?)?
        (?P<day>\d{{1,2}})(?P<sign>[/.])(?P<month>\d{{1,2}}(?<!\.\d))(?:(?P=sign)(?P<year>(?:1[5-9]|20)\d\d))?(?![\w/-]|[.,]\d)""",
        re.VERBOSE | (re.IGNORECASE if lang == "fr" else 0),
    )


@lru_cache
def _pair_pattern(lang: str) -> re.Pattern[str]:
    months, days = _month_and_day_numbers(lang)
    month, day = "|".join(re.escape(name) for name in months), "|".join(re.escape(name) for name in days)
    joined = r"\s*(?:,|\bet\b|\bou\b|\bau\b|\band\b|\bor\b|\bto\b|&)\s*"
    return re.compile(
        rf"""(?<![\w-])(?P<first_weekday>{day}){joined}(?:le\s+)?(?P<second_weekday>{day}),?\s+(?:les\s+|the\s+)?
        (?P<first_day>\d{{1,2}}){joined}(?P<second_day>\d{{1,2}})\s+(?P<month>{month})(?![\w-])
        (?:,?\s+(?P<year>(?:1[5-9]|20)\d\d)(?!\d))?""",
        re.VERBOSE | (re.IGNORECASE if lang == "fr" else 0),
    )
