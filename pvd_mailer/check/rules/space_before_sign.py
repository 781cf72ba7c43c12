"""Blanks before `;`, `:`, `!` and `?`."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.typography import BLANKS, NARROW_NBSP, NBSP, surrounding_word
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

# The sign, with what stands before it. Not the sign of an hour (13:30), of a smiley, or of a pair such as `?!`.
_FRENCH = re.compile(rf"(?<=[^\s\ufffc({{\[«“\"‹;:!?])(?P<gap>[{BLANKS}]*)(?P<sign>[;!?]|:(?=\s|$|[»”\")]))(?![-)(])")
_AFTER_ADDRESS = re.compile(rf"(?<=\ufffc)(?P<gap>[{BLANKS}]+)(?P<sign>[;!?]|:(?=\s|$))")
_ENGLISH = re.compile(rf"(?<=\w)(?P<gap>[{BLANKS}]+)(?P<sign>[;:!?])(?=\s|$)")


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages_in("fr"):
        for pattern in (_FRENCH, _AFTER_ADDRESS):
            for match in pattern.finditer(passage.plain):
                if match["gap"] in (NBSP, NARROW_NBSP):
                    continue
                blank = NBSP if match["sign"] == ":" else NARROW_NBSP
                message = _("“{found}”: a no-break space was expected before “{sign}”").format(
                    found=surrounding_word(passage.text, match.start(), match.end()), sign=match["sign"]
                )
                yield Violation(
                    message, TextSpan(passage, match.start(), match.end()), rewrite=((*match.span("gap"), blank),)
                )
    for passage in context.passages_in("en"):
        for match in _ENGLISH.finditer(passage.plain):
            message = _("“{found}”: English has no space before “{sign}”").format(
                found=surrounding_word(passage.text, match.start(), match.end()), sign=match["sign"]
            )
            yield Violation(message, TextSpan(passage, match.start(), match.end()), rewrite=((*match.span("gap"), ""),))


RULE = Rule(
    id="space-before-sign",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("The space before ; : ! ?"),
    description=N_(
        "French sets a space before these four signs, and it must not break: otherwise a line of the letter begins with a "
        "question mark on somebody's telephone. A narrow no-break space stands before ; ! and ?, a no-break space before "
        "the colon, as the Lexique of the Imprimerie nationale has it; either is accepted before any of them. English has "
        "none. Hours such as 13:30, addresses and smileys are left alone."
    ),
    hint=N_("`check --fix` writes the right space."),
    check=_check,
    fixable=True,
)
