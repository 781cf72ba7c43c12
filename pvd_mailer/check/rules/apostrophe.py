"""Apostrophes that are straight."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.typography import surrounding_word
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_STRAIGHT = re.compile(r"(?<=[^\W\d_])['`´‘](?=[^\W_]|\ufffc|[«“\"])")


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        for match in _STRAIGHT.finditer(passage.plain):
            message = _("“{found}”: an apostrophe, ’, was expected").format(
                found=surrounding_word(passage.text, match.start(), match.end())
            )
            yield Violation(message, TextSpan(passage, *match.span()), rewrite="’")


RULE = Rule(
    id="apostrophe",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Straight apostrophes"),
    description=N_(
        "The sign on the keyboard is a typewriter's. Print, and every newspaper on a screen, has the apostrophe ’. It also "
        "keeps the letter whole: SendGrid sends a text of Latin-1 characters alone in a way that Gmail cuts, and this sign "
        "is none of them. Minutes and feet (5') are left alone."
    ),
    hint=N_("Write ’; `check --fix` does it."),
    check=_check,
    fixable=True,
)
