"""A paragraph that fills a telephone's screen."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.passages import PassageKind
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_MAX_WORDS = 120
_WORD = re.compile(r"[\w’'-]*\w")


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        count = 0 if passage.kind is PassageKind.SHORT else len(_WORD.findall(passage.text))
        if count > _MAX_WORDS:
            message = _("this paragraph has {n} words; beyond {limit} it fills a telephone's screen").format(
                n=count, limit=_MAX_WORDS
            )
            yield Violation(message, TextSpan(passage))


RULE = Rule(
    id="long-paragraph",
    severity=Severity.ADVICE,
    group=Group.READING,
    title=N_("A paragraph of more than 120 words"),
    description=N_(
        "On a telephone 120 words fill the screen, with nothing for the eye to hold on to. An empty line makes two paragraphs "
        "of one; a list, or a link to the rest, may serve better."
    ),
    hint=N_("Leave an empty line where the thought turns, or keep the essential and link to the rest."),
    check=_check,
)
