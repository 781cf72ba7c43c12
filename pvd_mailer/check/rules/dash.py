"""A hyphen where a dash is meant."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

# Between blanks, and not between two numbers, where it may be a minus.
_HYPHEN = re.compile(  # two looks behind, since one has to be of one width
    r"(?<=[^\s\d][\s\u00a0\u202f])(?P<sign>--?)(?=[\s\u00a0\u202f]\S)|(?<=\d[\s\u00a0\u202f])(?P<other>--?)(?=[\s\u00a0\u202f][^\s\d])"
)


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        for match in _HYPHEN.finditer(passage.plain):
            excerpt = passage.text[max(0, match.start() - 16) : match.end() + 16].strip()
            message = _("“{found}”: a hyphen joins words; a dash, –, was expected").format(found=excerpt)
            yield Violation(message, TextSpan(passage, *match.span()), rewrite="–")


RULE = Rule(
    id="dash",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("A hyphen for a dash"),
    description=N_(
        "A hyphen joins two words into one (rendez-vous); a dash sets words apart – like this. Between blanks a dash is "
        "meant. Points of a list, and a hyphen between two numbers, are left alone."
    ),
    hint=N_("Write –; `check --fix` does it."),
    check=_check,
    fixable=True,
)
