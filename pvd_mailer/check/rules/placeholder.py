"""A word that stands for one still to be written."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_MONTH = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
_THING = "texte|titre|lien|image|photo|visuel|logo|date|chiffre|chapeau|url|adresse|légende|citation|vidéo"
_NAME = "nom|prénom|url|montant|téléphone|e-?mail|name|amount"
_PLACE = "date|lieu|heure|horaire|titre|lien|texte|adresse|title|link|text|address|place"
_PLACEHOLDER = re.compile(
    rf"""
      (?i:lorem\s+ipsum|dolor\s+sit\s+amet)
    | \b(?:TODO|FIXME|TBD|TBC|TBA)\b | (?i:\btb[dc]\b)
    | (?<![\w-])(?i:todo)(?=\s*(?:$|[:.!…)\]]))
    | \b(?:X{{3,}}|x{{3,}}|Xx{{2,}})\b
    | \b(?i:xx)\s+(?i:{_MONTH})\b | \bXX[/.]XX\b
    | \b[0-9X]X(?:[\s.]?XX){{2,}}\b
    | \b(?:JJ|DD|jj|dd)[/.-](?:MM|mm)[/.-](?:AA|YY|aa|yy){{1,2}}\b | \b(?:AAAA|YYYY)-MM-(?:JJ|DD)\b | \b00[/.]00[/.](?:00){{1,2}}\b
    | \{{\{{[^{{}}]{{0,60}}\}}\}} | \*\|[A-Z_:0-9]{{1,40}}\|\*
    | \[\s*(?i:(?:{_NAME})(?:\s[^\]\[]{{0,40}})?|(?:{_PLACE})(?:\s(?:de|du|des|vers|of)\s[^\]\[]{{0,40}})?)\s*\]
    | (?<!\w)\?{{3,}}
    | (?i:[\[(]\s*(?:à|a)\s+(?:compl[ée]ter|venir|confirmer|d[ée]finir|pr[ée]ciser|v[ée]rifier|relire)[^\])]*[\])])
    | (?i:\b(?:à|a)\s+compl[ée]ter\b(?=\s*(?:$|[.…\])!])))
    | (?i:\b(?:à|a)\s+(?:compl[ée]ter|relire|v[ée]rifier|valider)\s+(?:par|avec))\s+(?!Internet|Mail|E-?mail|Téléphone)[A-ZÉÈ][a-zéèêëïç]+\b
    | (?i:\b(?:texte|titre|lien|image|date|chiffre|chapeau)\s+(?:à|a)\s+(?:venir|[ée]crire|remplacer|fournir)\b(?=\s*(?:$|[.,;:!?…)\]])))
    | (?i:\b(?:{_THING})\s+(?:à|a)\s+(?:ins[ée]rer|ajouter|mettre|coller|valider)\b(?=\s*(?:$|[.,;:…\])!]|ici\b)))
    | (?i:\bins[ée]rer\s+ici\b) | \bINS[ÉE]RER\s+(?:LE|LA|UN|UNE)\b
    | \A(?:Titre|Sous-titre|Chapeau|Texte)\s+de\s+(?:l[’']article|la\s+brève|l[’']événement)\Z
    | \b(?:V(?i:otre)\s+(?i:{_THING})\s+(?i:ici)|Your\s+(?i:text|title|link|image)\s+(?i:here))\b
    | (?i:\bto\s+be\s+(?:completed|confirmed|written|announced)\b(?=\s*(?:$|[.…\])!])))
    | (?i:\binsert\s+(?:text|title|link|date|image)\s+here\b)
    """,
    re.VERBOSE,
)
# A number in Roman figures has what it numbers before it.
_BEFORE_ROMAN = re.compile(r"(?i)\b(?:chapitre|livre|tome|volume|annexe|page|section|psaume|bowl|chapter|book)\s+$")
# Readers may be told that something is not settled yet.
_NOT_SETTLED = re.compile(
    r"(?i)\b(?:lieu|dates?|heures?|horaires?|salle|adresse|programme|intervenante?s?|tarifs?|prix|modalités)"
    r"(?:\s+(?:exacte?s?|précise?s?))?\s*(?::\s*(?:à|a)\s+venir|:?\s*(?:(?:est|sont|restent?)\s+)?(?:à|a)\s+"
    r"(?:confirmer|pr[ée]ciser|d[ée]finir|d[ée]terminer|fixer))(?=\s*(?:$|[.,;!?…)\]–]))"
)

# In small letters: one of these stands in all that the two patterns find, which take long to look for.
_SIGNS = (
    "lorem", "dolor", "todo", "fixme", "tbd", "tbc", "tba", "xx", "jj", "dd/", "dd.", "dd-", "aaaa-", "yyyy-", "00/", "00.",
    "{{", "*|", "[", "???", "compl", "venir", "confirmer", "definir", "définir", "preciser", "préciser", "determiner", "déterminer",
    "fixer", "verifier", "vérifier", "relire", "valider", "ecrire", "écrire", "remplacer", "fournir", "inserer", "insérer",
    "ajouter", "mettre", "coller", "titre", "chapeau", "texte", "insert", "confirmed", "written", "announced",
)  # fmt: skip
_PAIRS_OF_SIGNS = (("votre", "ici"), ("your", "here"))


def _check(context: CheckContext) -> Iterator[Violation]:
    letter = "\n".join(passage.folded for passage in context.passages)
    signs = [sign for sign in _SIGNS if sign in letter]
    for passage in context.passages:
        if not _may_hold(passage.folded, signs):
            continue
        last_end = 0
        for match in _PLACEHOLDER.finditer(passage.plain):
            if match[0] == "XXX" and _BEFORE_ROMAN.search(passage.plain, 0, match.start()):
                continue
            last_end = match.end()
            message = _("“{found}” stands for something still to be written").format(found=match[0])
            yield Violation(message, TextSpan(passage, *match.span()))
        for match in _NOT_SETTLED.finditer(passage.plain, last_end):
            yield Violation(
                _("“{found}”: something is not settled yet").format(found=match[0]),
                TextSpan(passage, *match.span()),
                _(
                    "Write what is known by now; if readers are to be told that it is still open, waive it with a reason."
                ),
                severity=Severity.ADVICE,
            )


def _may_hold(folded: str, signs: list[str]) -> bool:
    return any(sign in folded for sign in signs) or any(one in folded and two in folded for one, two in _PAIRS_OF_SIGNS)


RULE = Rule(
    id="placeholder",
    severity=Severity.BLOCKING,
    group=Group.FACTS,
    title=N_("A text still to be written"),
    description=N_(
        "Words that editors write where something is missing: lorem ipsum, TODO, XXX, “(à compléter)”, “titre à "
        "venir”, “to be confirmed”, “le XX mai”, “[Nom du maire]”. “Lieu : à préciser”, which may be meant for readers, is advice. Such a word is easily overlooked by those who have read the letter ten times, and "
        "never by those who read it once. Remarks between editors belong in `note`, where no rule looks."
    ),
    hint=N_("Write what is missing, or take the block out; a remark between editors goes in `note`."),
    check=_check,
)
