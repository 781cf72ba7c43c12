"""A word that stands for one still to be written."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_PLACEHOLDER = re.compile(
    r"""
      (?i:lorem\s+ipsum|dolor\s+sit\s+amet)
    | \b(?:TODO|FIXME|TBD|TBC|TBA|X{3,})\b
    | (?<!\w)\?{3,}
    | (?i:[\[(]\s*(?:à|a)\s+(?:compl[ée]ter|venir|confirmer|d[ée]finir|pr[ée]ciser|v[ée]rifier|relire)[^\])]*[\])])
    | (?i:\b(?:à|a)\s+compl[ée]ter\b(?=\s*(?:$|[.…\])!])))
    | (?i:\b(?:texte|titre|lien|image|date|chiffre|chapeau)\s+(?:à|a)\s+(?:venir|[ée]crire|remplacer|fournir)\b)
    | (?i:\bto\s+be\s+(?:completed|confirmed|written|announced)\b(?=\s*(?:$|[.…\])!])))
    | (?i:\binsert\s+(?:text|title|link|date|image)\s+here\b)
    """,
    re.VERBOSE,
)


def _find(subject: Subject) -> Iterator[Found]:
    for passage in subject.passages:
        for match in _PLACEHOLDER.finditer(passage.plain):
            message = _("“{found}” stands for something still to be written").format(found=match[0])
            yield Found(message, InText(passage, *match.span()))


RULE = Rule(
    id="placeholder",
    severity=Severity.BLOCKING,
    group=Group.FACTS,
    title=N_("A text still to be written"),
    about=N_(
        "Words that editors write where something is missing: lorem ipsum, TODO, XXX, “(à compléter)”, “titre à "
        "venir”, “to be confirmed”. Such a word is easily overlooked by those who have read the letter ten times, and "
        "never by those who read it once. Remarks between editors belong in `note`, where no rule looks."
    ),
    hint=N_("Write what is missing, or take the block out; a remark between editors goes in `note`."),
    failing=(
        Example(
            blocks="""
- id: atelier
  type: article
  title: "Un atelier sur les halles"
  body: |
    Inscrivez-vous avant le XXX.
"""
        ),
        Example(head={"preheader": '"Lorem ipsum dolor"'}),
        Example(blocks='- id: a\n  type: article\n  title: "Titre à venir"\n  body: |\n    Le lieu : (à confirmer).\n'),
        Example(
            head={"lang": "en"}, blocks='- id: a\n  type: article\n  title: "TBC"\n  body: "Place: to be announced."\n'
        ),
    ),
    passing=(
        Example(
            blocks="""
- id: atelier
  type: article
  title: "Un atelier sur les halles"
  note: "TODO : demander l’heure."
  body: |
    Un questionnaire à compléter en ligne avant le 3 mars, de la halle à venir au XXe siècle.
"""
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Vraiment ?"\n  body: |\n    Le Todo-Festival, saison XX.\n'
        ),
    ),
    find=_find,
)
