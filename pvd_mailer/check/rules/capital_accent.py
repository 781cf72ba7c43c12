"""Capitals that lost their accent."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.signs import french
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

# Beginnings of words that French writes with É and that no word has with E.
_E = (
    "cha[nr]", "chelle", "cho(?!s\\b)", "clair", "clat", "colog", "cole", "colier", "cono", "cout", "cran", "crire", "crit",
    "cumé", "dit", "duc", "galem", "galit", "glise", "lab", "lect", "lément", "lève", "limin", "logé", "lu[es]?\\b",
    "lys", "merg", "mis", "mo", "nerg", "noncé", "norm", "nonç", "pargn", "paul", "pice", "pid", "pilo", "pine", "pisod",
    "poque", "pouvant", "preuve", "quilib", "quip", "rosi", "rudi", "rupt", "tabl", "tage", "tain", "tang", "tap",
    "tat", "tend", "terni", "thi", "tiage", "tiquet", "toil", "tonn", "trang", "treint", "troit", "tud", "vacu",
    "valu", "vasion", "veil", "vène", "véne", "ventu", "viden", "vit", "volu", "voqu",
)  # fmt: skip
_CAPITAL = re.compile(r"(?<![\w-])E(?=(?:" + "|".join(_E) + r"))")
_WHOLE = re.compile(
    r"\bE(?=(?:TATS?|COLES?|LUE?S?|QUIPES?|TUDES?|DITO|DITION|NERGIES?|CONOMIE|DUCATION|GLISES?|V[EÉ]NEMENTS?)\b)"
)
_A = re.compile(
    r"(?:(?<=^)|(?<=[.!?…:»]\s)|(?<=[.!?…:»][\u00a0\u202f])|(?<=«\u00a0)|(?<=\n))A(?=\s(?:la|l’|l'|le|les|partir|noter|vos|nos|votre|"
    r"notre|venir|lire|relire|revoir|voir|ce|cette|cet|chaque|travers|tous|toutes|propos|suivre|découvrir|quoi|quand|qui|"
    r"quel|quelle|bientôt|mi-|pied|vélo|côté|retenir|savoir|partager|tout|toute|titre|ne pas)\b)"
)


def _find(subject: Subject) -> Iterator[Found]:
    for passage in french(subject):
        for pattern, wanted in ((_CAPITAL, "É"), (_WHOLE, "É"), (_A, "À")):
            for match in pattern.finditer(passage.plain):
                word = re.compile(r"[\w’'-]+").match(passage.text, match.start())
                found = word[0] if word else match[0]
                message = _("“{found}”: a capital keeps its accent, “{wanted}”").format(
                    found=found, wanted=wanted + found[1:]
                )
                yield Found(message, InText(passage, *match.span()), rewrite=wanted)


RULE = Rule(
    id="capital-accent",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Capitals without their accent"),
    about=N_(
        "In French a capital keeps its accent: État, École, À la une. The accent is part of the spelling, and a screen "
        "reader may read the word wrongly without it. Only beginnings that no other word has are looked at, and A where it "
        "opens a sentence before a word that follows the preposition."
    ),
    hint=N_("Write É and À; `check --fix` does it."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "A la une"\n  body: |\n    L’Etat et les Elus. A noter : une ETUDE.\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "À la une"\n  body: |\n    L’État. A-t-elle lu Emmanuelle, Edgar, Europe, '
            "Eure, Eudes, Elsa, Espagne, Essonne et Emploi ?\n"
        ),
    ),
    find=_find,
    mends=True,
)
