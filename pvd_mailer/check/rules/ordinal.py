"""Ordinals: 1er, 1re, 2e."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.passages import Passage, PassageKind
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_FIRST_FEMININE = re.compile(r"(?<![\w.,])1(?P<end>i?[èe]re)(?P<plural>s?)(?!\w)")
_ENDING = re.compile(r"è|eme|1i?ere|ᵉ")
_OTHER = re.compile(r"(?<![\w.,])(?:\d+|[IVXLC]{2,}|[VX])(?P<end>i?[èe]me|è|ᵉᵐᵉ)(?P<plural>s?)(?!\w)")
_DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
_MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_FIRST_OF_MONTH = re.compile(
    rf"(?i:\b(?:le|du|au|dès|{_DAYS})\s)1\s(?=(?:au\s\d{{1,2}}\s)?(?i:{_MONTHS})\b)|^1\s(?=(?i:{_MONTHS})\s20\d\d\b)"
)


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages_in("fr"):
        endings = ((_FIRST_FEMININE, "re"), (_OTHER, "e")) if _ENDING.search(passage.plain) else ()
        for pattern, ending in endings:
            for match in pattern.finditer(passage.plain):
                expected = ending + match["plural"]
                start, end = match.start("end"), match.end()
                if passage.text[start:end] == expected:
                    continue
                number = match[0][: start - match.start()]
                message = _("“{found}”: “{wanted}” was expected").format(found=match[0], wanted=f"{number}{expected}")
                yield Violation(
                    message,
                    TextSpan(passage, *match.span()),
                    rewrite=((start, end, _superscript(passage, start, end, expected)),),
                )
        for match in _FIRST_OF_MONTH.finditer(passage.plain) if "1" in passage.plain else ():
            message = _("“{found}”: the first of a month is “1er”").format(found=match[0].strip())
            yield Violation(
                message,
                TextSpan(passage, match.start(), match.end() - 1),
                _("Write 1^er^ in a long text, 1er in a short one."),
            )


def _superscript(passage: Passage, start: int, end: int, ending: str) -> str:
    """`ending` in superscript where the text can have it, and does not have it yet."""
    if passage.kind is PassageKind.SHORT or any(
        span_start <= start and end <= span_end for span_start, span_end in passage.superscripts
    ):
        return ending
    return f"^{ending}^"


RULE = Rule(
    id="ordinal",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("1er, 1re and 2e"),
    description=N_(
        "French shortens ordinals to one or two letters: 1er, 1re, 2e, XXe; never 1ère, 2ème or 2ième. In a long text the "
        "letters are raised, 2^e^. The first day of a month is the only one that is an ordinal: le 1er mars."
    ),
    hint=N_("Write 1er, 1re, 2e; `check --fix` does it."),
    check=_check,
    fixable=True,
)
