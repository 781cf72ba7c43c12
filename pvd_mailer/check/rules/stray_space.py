"""Blanks that are too many."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.typography import NARROW_NBSP, NBSP, surrounding_word
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_DOUBLE = re.compile(r"[ \u00a0\u202f]{2,}")
_BEFORE = re.compile(r"(?<=[\w»)])[ \u00a0\u202f]+(?=[,.](?:\s|$))")
_BRACKETS = re.compile(r"(?<=[(\[])[ \u00a0\u202f]+(?=\S)|(?<=\S)[ \u00a0\u202f]+(?=[)\]])")
_ELIDED = re.compile(r"(?<=(?<![\w’'])[cdjlmnstCDJLMNST][’'])[ \u00a0\u202f]+(?=[aeiouyhàâéèêëîïôœùûAEIOUYHÀÉÈÊÎ])")

# What each pattern needs, where every blank is a plain one.
_SIGNS_BY_PATTERN = (
    (_BEFORE, (" ,", " .")),
    (_BRACKETS, ("( ", "[ ", " )", " ]")),
    (_ELIDED, ("’ ", "' ")),
)


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        plain_blanks = passage.plain.replace(NBSP, " ").replace(NARROW_NBSP, " ")
        for match in _DOUBLE.finditer(passage.plain) if "  " in plain_blanks else ():
            blank = next((sign for sign in (NARROW_NBSP, NBSP) if sign in match[0]), " ")
            message = _("{n} spaces, where one was expected").format(n=len(match[0]))
            yield Violation(message, TextSpan(passage, *match.span()), rewrite=blank)
        for pattern, signs in _SIGNS_BY_PATTERN:
            if not any(sign in plain_blanks for sign in signs):
                continue
            if pattern is _ELIDED and (context.lang != "fr" or passage.is_foreign):
                continue
            for match in pattern.finditer(passage.plain):
                message = _("“{found}”: no space was expected here").format(
                    found=surrounding_word(passage.text, match.start(), match.end() + 1)
                )
                yield Violation(message, TextSpan(passage, *match.span()), rewrite="")


RULE = Rule(
    id="stray-space",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Spaces too many"),
    description=N_(
        "Two spaces in a row, a space before a comma or a full stop, a space inside brackets: slips of the thumb that stay "
        "visible in the plain text, and that part a sign from its word at the end of a line."
    ),
    hint=N_("Take the space out; `check --fix` does it."),
    check=_check,
    fixable=True,
)
