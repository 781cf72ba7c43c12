"""Number and date that do not follow the last issue's."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import IssueValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.dates import long_day
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_MONTHS_IN_A_YEAR = 12


def _check(context: CheckContext) -> Iterator[Violation]:
    issue, previous = context.issue, context.previous_issue
    if previous is None:
        return
    if issue.number != previous.number + 1:
        message = _("issue {number} follows issue {last}; {wanted} was expected").format(
            number=issue.number, last=previous.number, wanted=previous.number + 1
        )
        yield Violation(message, IssueValue(("number",)))
    months = (issue.date.year - previous.date.year) * _MONTHS_IN_A_YEAR + issue.date.month - previous.date.month
    dates = {"day": long_day(issue.date, context.lang), "last": long_day(previous.date, context.lang)}
    if issue.date <= previous.date:
        message = _("{day} is not after {last}, the date of the last issue").format(**dates)
        yield Violation(message, IssueValue(("date",)), severity=Severity.BLOCKING)
    elif months != 1:
        message = _("{day} is not in the month after {last}, the date of the last issue").format(**dates)
        yield Violation(message, IssueValue(("date",)))


RULE = Rule(
    id="issue-sequence",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A number or a month that does not follow the last issue's"),
    description=N_(
        "An issue has the number after the last one's, and comes out in the month after. A date that is not after the last "
        "issue's blocks: it is last month's, or the year is wrong, and every date that the letter infers would be wrong "
        "with it. Where a month is left out on purpose, waive it at the top of the file."
    ),
    hint=N_("Correct `number` or `date` at the top of the file."),
    check=_check,
)
