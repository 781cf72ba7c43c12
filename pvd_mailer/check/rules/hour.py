"""Hours as French writes them."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.typography import BLANKS, NARROW_NBSP, NBSP
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

# A capital H counts with minutes only: 24H alone is more often a name.
_HOUR = re.compile(
    rf"(?:(?<![\w:.,/])|(?<=[hH]\d\d/)|(?<=[hH][{BLANKS}]\d\d/)|(?<=[\d{BLANKS}]h/))(?P<hour>[01]?\d|2[0-4])(?P<rest>[{BLANKS}]*(?:[hH][{BLANKS}]*(?P<minute>[0-5]\d)(?:[{BLANKS}]?mi?n\b)?|h))(?!\w)"
)


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages_in("fr"):
        for match in _HOUR.finditer(passage.plain):
            expected = f"{NBSP}h{NBSP}{match['minute']}" if match["minute"] else f"{NBSP}h"
            if match["rest"].replace(NARROW_NBSP, NBSP) == expected:
                continue
            # What is wrong may be a space alone, and nobody sees which one that is.
            if match["minute"]:
                message = _("“{found}”: “{wanted}”, with no-break spaces, was expected")
            else:
                message = _("“{found}”: “{wanted}”, with a no-break space, was expected")
            message = message.format(found=match[0], wanted=f"{match['hour']}{expected}")
            yield Violation(message, TextSpan(passage, *match.span()), rewrite=((*match.span("rest"), expected),))


RULE = Rule(
    id="hour",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Hours: 13 h 30"),
    description=N_(
        "French writes an hour as 13 h 30, with no-break spaces on both sides of the h, so that no line parts it. The hours "
        "of events write themselves, from `start` and `end`; this is about those in a text. A clock's 13:30 is left alone."
    ),
    hint=N_("Write 13 h 30 with no-break spaces; `check --fix` does it."),
    check=_check,
    fixable=True,
)
