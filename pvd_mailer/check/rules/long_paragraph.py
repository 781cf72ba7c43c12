"""A paragraph that fills a telephone's screen."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import Kind
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

LIMIT = 120
_WORD = re.compile(r"[\w’'-]*\w")


def _find(subject: Subject) -> Iterator[Found]:
    for passage in subject.passages:
        count = 0 if passage.kind is Kind.SHORT else len(_WORD.findall(passage.text))
        if count > LIMIT:
            message = _("this paragraph has {n} words; beyond {limit} it fills a telephone's screen").format(
                n=count, limit=LIMIT
            )
            yield Found(message, InText(passage))


RULE = Rule(
    id="long-paragraph",
    severity=Severity.ADVICE,
    group=Group.READING,
    title=N_("A paragraph of more than 120 words"),
    about=N_(
        "On a telephone 120 words fill the screen, with nothing for the eye to hold on to. An empty line makes two paragraphs "
        "of one; a list, or a link to the rest, may serve better."
    ),
    hint=N_("Leave an empty line where the thought turns, or keep the essential and link to the rest."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    '
            + "Une halle, un marché et une place rouvrent ce mois-ci dans le bourg.\n    " * 10
            + "\n"
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    '
            + "Une halle, un marché et une place rouvrent ce mois-ci dans le bourg.\n    " * 6
            + "\n\n    Et ailleurs.\n"
        ),
    ),
    find=_find,
)
