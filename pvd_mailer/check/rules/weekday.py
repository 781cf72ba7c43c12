"""A weekday that its date does not have."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.dates import dates_in, day_name, long_day
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        for written_date in dates_in(passage.dates, context.issue.date, context.year_hints(passage)):
            possible_dates = written_date.possible_dates()
            if (
                written_date.weekday is None
                or not possible_dates
                or written_date.weekday in [day.weekday() for day in possible_dates]
            ):
                continue
            message = _("“{found}”: {date} is a {weekday}").format(
                found=passage.text[written_date.start : written_date.end],
                date=long_day(possible_dates[0], context.lang),
                weekday=day_name(possible_dates[0], context.lang),
            )
            yield Violation(message, TextSpan(passage, written_date.start, written_date.end))


RULE = Rule(
    id="weekday",
    severity=Severity.BLOCKING,
    group=Group.FACTS,
    title=N_("A weekday that its date does not have"),
    description=N_(
        "“Lundi 23 mars”, where the 23rd is a Thursday: half of the readers come on the wrong day, and the other half write "
        "to ask. The year is the one written, or else the one that brings the date nearest to the issue's own; where a date "
        "is more than four months away, the next nearest year will do as well. So will any year that the text, its title, its "
        "rubric or the dates of its event speak of (“édition 2024”, “l’an dernier”, “samedi 14 mai dernier”). Dates in `start` and `end` of events need no "
        "check: the letter works their weekdays out."
    ),
    hint=N_("Find out which of the two is right, and correct the other."),
    check=_check,
)
