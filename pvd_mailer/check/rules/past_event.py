"""An event that is over when the letter comes out."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import IssueValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.dates import long_day
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.issue.schedule import Scheduled

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for path, scheduled in parts_of(context.issue.blocks, Scheduled, ("blocks",)):
        schedule = scheduled.time_range(context.publication.zone)
        if schedule is not None and schedule.last_day < context.issue.date:
            message = _("it is over on {day}, and the issue comes out on {issued}").format(
                day=long_day(schedule.last_day, context.lang), issued=long_day(context.issue.date, context.lang)
            )
            yield Violation(message, IssueValue((*path, "start" if scheduled.end is None else "end")))


RULE = Rule(
    id="past-event",
    severity=Severity.BLOCKING,
    group=Group.FACTS,
    title=N_("An event before the issue's date"),
    description=N_(
        "An event, or a brief with a date, that is over on the day the issue comes out: most often last month's, or a year "
        "that was not changed. What is on the very day of the issue is left alone, and so is an event that has begun and "
        "goes on."
    ),
    hint=N_("Correct the date, or take the event out; if you tell of it as past, make it an article."),
    check=_check,
)
