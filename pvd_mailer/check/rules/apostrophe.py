"""Apostrophes that are straight."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.signs import shown
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_STRAIGHT = re.compile(r"(?<=[^\W\d_])['`´‘](?=[^\W_]|\ufffc|[«“\"])")


def _find(subject: Subject) -> Iterator[Found]:
    for passage in subject.passages:
        for match in _STRAIGHT.finditer(passage.plain):
            message = _("“{found}”: an apostrophe, ’, was expected").format(
                found=shown(passage.text, match.start(), match.end())
            )
            yield Found(message, InText(passage, *match.span()), rewrite="’")


RULE = Rule(
    id="apostrophe",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Straight apostrophes"),
    about=N_(
        "The sign on the keyboard is a typewriter's. Print, and every newspaper on a screen, has the apostrophe ’. It also "
        "keeps the letter whole: SendGrid sends a text of Latin-1 characters alone in a way that Gmail cuts, and this sign "
        "is none of them. Minutes and feet (5') are left alone."
    ),
    hint=N_("Write ’; `check --fix` does it."),
    failing=(
        Example(blocks="- id: a\n  type: article\n  title: \"L'été\"\n  body: 'Aujourd''hui, c''est **d''accord**.'\n"),
        Example(head={"lang": "en"}, blocks='- id: a\n  type: article\n  title: "It\'s here"\n  body: Yes.\n'),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "L’été"\n  body: |\n    Une pause de 5\', c’est d’accord.\n'
        ),
    ),
    find=_find,
    mends=True,
)
