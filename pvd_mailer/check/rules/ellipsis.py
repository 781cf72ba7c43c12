"""Three dots for an ellipsis."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.typography import surrounding_word
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_ETC = re.compile(r"\b[eE]tc\s?(?:\.{2,}|…)")
_DOTS = re.compile(r"(?<!\.)\.{3}(?!\.)")


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        etc_spans = []
        for match in _ETC.finditer(passage.plain):
            etc_spans.append(match.span())
            message = _("“{found}”: “etc.” says already that the list goes on").format(found=match[0])
            yield Violation(message, TextSpan(passage, *match.span()), _("Write “etc.”, with one dot."))
        for match in _DOTS.finditer(passage.plain):
            if any(start <= match.start() < end for start, end in etc_spans):
                continue
            message = _("“{found}”: three dots; an ellipsis, …, was expected").format(
                found=surrounding_word(passage.text, match.start(), match.end())
            )
            yield Violation(message, TextSpan(passage, *match.span()), rewrite="…")


RULE = Rule(
    id="ellipsis",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Three dots for an ellipsis"),
    description=N_(
        "The ellipsis is one sign, …: its dots stay together at the end of a line, and a screen reader does not say “dot dot "
        "dot”. After “etc.” there is none: the word means that the list goes on."
    ),
    hint=N_("Write …; `check --fix` does it."),
    check=_check,
    fixable=True,
)
