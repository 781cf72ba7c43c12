"""Which year a date without one may be of: the issue's own, or one that the text or its event speaks of.

A weekday or a day that is wrong in every year that may be meant is wrong. So one year more is one chance in seven that
a wrong weekday is not seen; one too few blocks a letter that is right.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pvd_mailer.check.text.quantities import is_measured

__all__ = ["YearHints", "YearInference", "years_in"]

_FAR_DAYS = 120
"""In days: beyond, a date without a year may be of the year before or after as well."""
# Not a part of a number such as 2022-1673; of `2023-2024` and `2023/24` both.
_YEAR = re.compile(r"(?<![\w.,°-])(?P<year>(?:1[5-9]|20)\d\d)(?:[-–/](?P<later>20\d\d|\d\d))?(?![\w-]|[.,/]\d)")
_END = re.compile(r"[.!?…]+(?=\s|$)|\n")
_NUMBER_WORDS = {"un": 1, "une": 1, "deux": 2, "trois": 3, "a": 1, "one": 1, "two": 2, "three": 3}
# How far from the year a sentence says that it is.
_RELATIVE = {
    "fr": (
        (re.compile(r"(?i)\bl[’']an(?:n[ée]e)?\s+(?:dernier|dernière|passée?|précédente?|d[’']avant)\b"), -1),
        (re.compile(r"(?i)\bl[’']an(?:n[ée]e)?\s+(?:prochaine?|suivante?|d[’']après|à\s+venir)\b"), 1),
        (re.compile(r"(?i)\bil\s+y\s+a\s+(?P<n>un|deux|trois)\s+ans?\b"), -1),
        (re.compile(r"(?i)\bdans\s+(?P<n>un|deux|trois)\s+ans?\b"), 1),
    ),
    "en": (
        (re.compile(r"(?i)\b(?:last|the\s+previous)\s+year\b"), -1),
        (re.compile(r"(?i)\b(?:next|the\s+following)\s+year\b"), 1),
        (re.compile(r"(?i)\b(?P<n>a|one|two|three)\s+years?\s+ago\b"), -1),
        (re.compile(r"(?i)\bin\s+(?P<n>a|one|two|three)\s+years?\b"), 1),
    ),
}
# « samedi 14 mai dernier »: what is meant is the last one before the issue, or the next one after it.
_LAST = re.compile(r"(?i)\s+(?:derni(?:er|ère)|passée?|last)\b")
_NEXT = re.compile(r"(?i)\s+(?:prochaine?|next)\b")
_SAME_YEAR = re.compile(r"(?i),?\s+(?:de\s+(?:la\s+même|cette)\s+année|of\s+(?:the\s+same|that)\s+year)\b")


@dataclass(frozen=True, slots=True)
class YearHints:
    """What the place of a text says of the years that its dates may be of.

    Attributes:
        around: Days that it speaks of: the start and the end of its event.
        years: Years that its block or its rubric names.
    """

    around: tuple[date, ...] = ()
    years: tuple[int, ...] = ()


def years_in(text: str) -> Iterator[int]:
    """The years that `text` names."""
    for match in _YEAR.finditer(text):
        if match["later"] is None and is_measured(text, match.end()):
            continue
        year = int(match["year"])
        yield year
        if match["later"]:
            yield int(match["later"]) if len(match["later"]) > 2 else year - year % 100 + int(match["later"])  # noqa: PLR2004 - digits


class YearInference:
    """The years that dates of one text may be of."""

    def __init__(
        self, text: str, lang: str, issued: date, hints: YearHints, written_years: list[tuple[int, int]]
    ) -> None:
        """`written_years` says where dates with a year stand in `text`, and which year."""
        self._text, self._lang, self._issued = text, lang, issued
        self._hints, self._written_years = hints, written_years
        self._sentence_ends = [match.end() for match in _END.finditer(text)]

    def years(self, day: int, month: int, end: int) -> tuple[int, ...]:
        """Those of a date that ends at `end` and has no year of its own, the most likely first; at least one."""
        sentence_start = max((offset for offset in self._sentence_ends if offset < end), default=0)
        sentence_end = min((offset for offset in self._sentence_ends if offset >= end), default=len(self._text))
        sentence_years = [
            year for date_offset, year in self._written_years if sentence_start <= date_offset < sentence_end
        ]
        if sentence_years and _SAME_YEAR.match(self._text, end):
            return (sentence_years[0],)
        candidates = [
            *self._years_said_relatively(self._text[sentence_start:sentence_end]),
            *self._years_said_beside(day, month, end),
        ]
        for reference in (*self._hints.around, self._issued):
            candidates += _nearest_years(day, month, reference)
        return tuple(dict.fromkeys([*candidates, *sentence_years, *self._hints.years]))

    def _years_said_relatively(self, sentence: str) -> Iterator[int]:
        for pattern, sign in _RELATIVE[self._lang]:
            for match in pattern.finditer(sentence):
                number = match.groupdict().get("n")
                yield self._issued.year + sign * (_NUMBER_WORDS[number.lower()] if number else 1)

    def _years_said_beside(self, day: int, month: int, end: int) -> Iterator[int]:
        is_later = (month, day) > (self._issued.month, self._issued.day)
        if _LAST.match(self._text, end):
            yield self._issued.year - is_later
        elif _NEXT.match(self._text, end):
            yield self._issued.year + (not is_later)


def _nearest_years(day: int, month: int, reference: date) -> tuple[int, ...]:
    """The year that brings a day nearest to `reference`; where that is far, the next nearest as well."""

    def away(year: int) -> int:
        # Near enough for days that a month does not have.
        return abs((date(year, month, min(day or 1, 28)) - reference).days)

    near = sorted((reference.year - 1, reference.year, reference.year + 1), key=away)
    return tuple(near[:2]) if away(near[0]) > _FAR_DAYS else (near[0],)
