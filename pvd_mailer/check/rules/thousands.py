"""Large numbers in groups of three."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Example, Group, Rule, Violation
from pvd_mailer.check.text.quantities import is_identifier
from pvd_mailer.check.text.typography import NARROW_NBSP, french_passages
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_SPACED = re.compile(
    r"(?:(?<![\d.,/+-])|(?<=[ \u00a0\u202f]\d{3}-))(?<!\d[\s\u00a0\u202f])[1-9]\d{0,2}(?: \d{3})+(?![\s\u00a0\u202f]?\d|[.,/]\d)"
)
# Before a word in lower case or a unit: what is before a capital may be a postal code. Which words, `names` says.
_SOLID = re.compile(r"(?<![\w.,/+-])(?<!\d[\s\u00a0\u202f])[1-9]\d{4,8}(?=[\s\u00a0\u202f]*(?:[a-zà-ÿ]|€|%))(?!\w)")
_DOTTED = re.compile(r"(?<![\w.,/])[1-9]\d{0,2}(?:\.\d{3})+(?![\w.,/])")


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in french_passages(context):
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
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "La commune compte 25000 habitants"\n  body: "Le dossier porte sur 12500 logements."\n'
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "12 000 habitants"\n  body: |\n    Pour 25000 euros, ou 3.400 visiteurs.\n'
        ),
        Example(blocks='- id: a\n  type: article\n  title: "De 2\u202f300-2 800\u00a0€"\n  body: "Oui."\n'),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "12\u202f000 habitants"\n  body: |\n    En 2023, à 35000 Rennes, 01 99 00 12 34, '
            "5\u00a0000 places, 3400 visiteurs, version 1.2.300.\n"
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Le code d’accès est 845123 puis dièse"\n  body: |\n    Le mot de passe : 12345 ou 54321 au choix. '
            "Identifiant 98765 à rappeler, dossier n° 123456 transmis, référence 12 345.\n"
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "La norme ISO 14001 en clair"\n  body: |\n    Certifiée ISO 14001 depuis 2019, la régie relit le '
            "règlement 20161 et le cerfa 13406 rempli. Envoyez HALLE au 72000 puis attendez.\n"
        ),
    ),
    check=_check,
    fixable=True,
)
