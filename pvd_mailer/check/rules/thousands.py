"""Large numbers in groups of three."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.quantities import is_identifier
from pvd_mailer.check.text.typography import NARROW_NBSP
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_SPACED = re.compile(
    r"(?:(?<![\d.,/+-])|(?<=[ \u00a0\u202f]\d{3}-))(?<!\d[\s\u00a0\u202f])[1-9]\d{0,2}(?: \d{3})+(?![\s\u00a0\u202f]?\d|[.,/]\d)"
)
# Before a word in lower case or a unit: what is before a capital may be a postal code. Which words, `names` says.
_SOLID = re.compile(r"(?<![\w.,/+-])(?<!\d[\s\u00a0\u202f])[1-9]\d{4,8}(?=[\s\u00a0\u202f]*(?:[a-zà-ÿ]|€|%))(?!\w)")
_DOTTED = re.compile(r"(?<![\w.,/])[1-9]\d{0,2}(?:\.\d{3})+(?![\w.,/])")

_THREE_DIGITS = re.compile(r"\d{3}")


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages_in("fr"):
        if not _THREE_DIGITS.search(passage.plain):
            continue
        for pattern in (_SPACED, _SOLID, _DOTTED):
            for match in pattern.finditer(passage.plain):
                if is_identifier(passage.plain, *match.span(), solid=pattern is _SOLID):
                    continue
                expected = f"{int(re.sub(r'[ .]', '', match[0])):,}".replace(",", NARROW_NBSP)
                if pattern is _SPACED:
                    message = _("“{found}”: a line may break inside this number; no-break spaces were expected")
                else:
                    message = _("“{found}”: “{wanted}” was expected")
                message = message.format(found=match[0], wanted=expected)
                location = TextSpan(passage, *match.span())
                yield Violation(message, location, rewrite=None if pattern is _DOTTED else expected)


RULE = Rule(
    id="thousands",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Large numbers"),
    description=N_(
        "French parts large numbers into groups of three by a space that does not break: 12 000. A plain space lets a line "
        "end in the middle of the number, a dot is English or Swiss, and 12000 is hard to read. Years, postal codes, "
        "telephone numbers, norms (ISO 14001), laws, models, codes, references and numbers of four digits are left alone."
    ),
    hint=N_("Part the groups by a no-break space; `check --fix` does it."),
    check=_check,
    fixable=True,
)
