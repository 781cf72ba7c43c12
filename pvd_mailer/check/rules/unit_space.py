"""The space between a number and its unit."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.typography import BLANKS, NARROW_NBSP, NBSP, surrounding_word
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_UNITS = r"%|‰|€|£|(?:[kK]|M|Md)€|°C|k[mg]²?|[cm]?m[²³]|cm|mm|ha|[kKMGT]o|[kMG]Wh?|Wh"
_UNIT = re.compile(rf"(?<=\d)(?P<gap>[{BLANKS}]*)(?P<unit>{_UNITS})(?![\w²³])")
# Only where a space is there: 4g, 12m2 and 30min may be names or hours.
_SPACED_UNIT = re.compile(rf"(?<=\d)(?P<gap>[{BLANKS}]+)(?P<unit>min|m?g|[cm]l|k?m[23])(?![\w²³])")
# The model BX12kg, the card SD64Go: the digits belong to a name.
_IN_A_NAME = re.compile(r"[^\W\d_]-?\d+$")
_NUMBER = re.compile(rf"(?<!\w)[nN]°(?P<gap>[{BLANKS}]*)(?=\d)")

_DIGIT = re.compile(r"\d")


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages_in("fr"):
        if not _DIGIT.search(passage.plain):
            continue
        for pattern in (_UNIT, _SPACED_UNIT, _NUMBER):
            for match in pattern.finditer(passage.plain):
                if match["gap"] in (NBSP, NARROW_NBSP) or (
                    not match["gap"] and _IN_A_NAME.search(passage.plain[max(0, match.start() - 16) : match.start()])
                ):
                    continue
                message = _("“{found}”: a no-break space was expected between the number and its sign").format(
                    found=surrounding_word(passage.text, match.start(), match.end())
                )
                yield Violation(
                    message, TextSpan(passage, match.start(), match.end()), rewrite=((*match.span("gap"), NBSP),)
                )


RULE = Rule(
    id="unit-space",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("The space before % and units"),
    description=N_(
        "In French a number and its unit are two words that no line may part: 52 %, 3 400 €, 12 km, 1,8 Mo, n° 22. Between "
        "them stands a no-break space. Units that are words (euros, habitants) are left alone, and so is a letter in "
        "English, which writes 52%."
    ),
    hint=N_("`check --fix` writes the right space."),
    check=_check,
    fixable=True,
)
