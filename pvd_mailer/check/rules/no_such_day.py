"""A date that the calendar does not have."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.dates import dates_in
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


# Who is born on a 29th of February has a birthday; and a sentence may say that there is no such day.
_RECURRING = re.compile(r"(?i)\b(?:une?|des|chaque|tous\s+les|aucun|every|each|an?|no)\s+$")
_SAID_NOT_TO_EXIST = re.compile(
    r"(?i)n[’']exist\w+\s+pas|bissextile|does\s+not\s+exist|no\s+such\s+day|\bleap\s+(?:year|day)"
)


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        for written_date in dates_in(passage.dates, context.issue.date, context.year_hints(passage)):
            if (
                not written_date.possible_dates()
                and not _RECURRING.search(passage.plain[: written_date.start])
                and not _SAID_NOT_TO_EXIST.search(passage.plain)
            ):
                words = passage.text[written_date.start : written_date.end]
                message = _("“{found}”: there is no such day in {year}").format(found=words, year=written_date.years[0])
                yield Violation(message, TextSpan(passage, written_date.start, written_date.end))


RULE = Rule(
    id="no-such-day",
    severity=Severity.BLOCKING,
    group=Group.FACTS,
    title=N_("A date that does not exist"),
    description=N_(
        "The 31st of April, the 29th of February of a year that has none, the 45th of May: what was meant is a guess, and "
        "readers should not have to make it. The year is inferred as for weekdays. “Né un 29 février” is a birthday, and left alone."
    ),
    hint=N_("Find out which day was meant."),
    check=_check,
)
