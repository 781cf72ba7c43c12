"""Number and date that do not follow the last issue's."""

from collections.abc import Iterator

from pvd_mailer.check.calendar import long_day
from pvd_mailer.check.rule import Example, Found, Group, InFile, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

MONTHS = 12


def _find(subject: Subject) -> Iterator[Found]:
    issue, last = subject.issue, subject.last
    if last is None:
        return
    if issue.number != last.number + 1:
        message = _("issue {number} follows issue {last}; {wanted} was expected").format(
            number=issue.number, last=last.number, wanted=last.number + 1
        )
        yield Found(message, InFile(("number",)))
    months = (issue.date.year - last.date.year) * MONTHS + issue.date.month - last.date.month
    context = {"day": long_day(issue.date, subject.lang), "last": long_day(last.date, subject.lang)}
    if issue.date <= last.date:
        message = _("{day} is not after {last}, the date of the last issue").format(**context)
        yield Found(message, InFile(("date",)), severity=Severity.BLOCKING)
    elif months != 1:
        message = _("{day} is not in the month after {last}, the date of the last issue").format(**context)
        yield Found(message, InFile(("date",)))


RULE = Rule(
    id="issue-sequence",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A number or a month that does not follow the last issue's"),
    about=N_(
        "An issue has the number after the last one's, and comes out in the month after. A date that is not after the last "
        "issue's blocks: it is last month's, or the year is wrong, and every date that the letter infers would be wrong "
        "with it. Where a month is left out on purpose, waive it at the top of the file."
    ),
    hint=N_("Correct `number` or `date` at the top of the file."),
    failing=(
        Example(head={"number": "25"}, last=" "),
        Example(head={"date": "2023-04-04"}, last=" "),
        Example(head={"date": "2023-06-06"}, last=" "),
    ),
    passing=(Example(head={"number": "24", "date": "2023-05-02"}, last=" "), Example(head={"number": "1"})),
    find=_find,
)
