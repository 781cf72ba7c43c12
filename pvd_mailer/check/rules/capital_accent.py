"""Capitals that lost their accent."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.names import NAME_KEYS, TITLE_BEFORE_NAME
from pvd_mailer.check.text.typography import fold_case_and_accents
from pvd_mailer.check.text.word_lists import word_list
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

# Words that French writes with É, whole: a beginning would take names with it (Edith, Echard, Editis).
_WORDS_WITH_E_ACUTE = (
    "chang(?:es?|er|ez|ons|és?|ées?)", "chantillons?", "chéances?", "checs?", "chelles?", "chelons?", "clair(?:ages?|er|és?|ées?|cir|cies?)", "clats?",
    "coles?", "colier(?:s|es?)?", "colog(?:ie|iques?|iquement|istes?)", "conom(?:ies?|iques?|iquement|iser|isez|istes?)", "cout(?:es?|er|ez|ons|é)",
    "crans?", "crire", "crits?", "crit(?:es|ures?)", "crivez", "crivain(?:s|es?)?", "dit(?:ions?|eurs?|rices?|orial|oriaux|os?|er|és?|ées?)",
    "ducat(?:ion|ifs?|ives?|eurs?|rices?)", "galement", "galit(?:é|és|aires?)", "glises?", "labor(?:ation|er|és?|ées?|ez)",
    "lect(?:ions?|eurs?|rices?|oral|orales?|oraux|ricité|riciens?|riques?|roniques?)", "léments?", "lémentaires?", "lèves?", "lev(?:ages?|eurs?|er)",
    "ligib(?:les?|ilité)", "limin(?:er|és?|ées?|ation)", "lu(?:s|es?)?", "lysée", "merg(?:ence|ents?|er)", "missions?", "mett(?:re|ez)", "motions?",
    "nerg(?:ies?|étiques?)", "nonc(?:és?|er)", "normes?", "normément", "oliennes?", "oliens?", "pargn(?:es?|er|ez)", "paul(?:es?|er)", "pices?", "piceries?",
    "piciers?", "picières?", "pidémi(?:es?|ques?)", "pisodes?", "poques?", "preuves?", "quilibr(?:es?|er|és?|ées?)", "quip(?:es?|ements?|er|ez|és?|ées?)",
    "quit(?:é|ables?)", "quivalen(?:ts?|tes?|ces?)", "rosion", "tabl(?:ir|is|ies?|issements?)", "tages?", "tangs?", "tapes?", "tats?", "tend(?:re|us?|ues?)",
    "tendues?", "thiques?", "tiquet(?:tes?|age)", "toiles?", "tranger(?:s)?", "trangères?", "troit(?:s|es?|ement)?", "tud(?:es?|ier|iez|iants?|iantes?)", "té",
    "valu(?:er|ez|és?|ées?|ations?|ateurs?)", "vacuations?", "v[eéè]nement(?:s|iel|ielle)?", "ventuel(?:s|les?|lement)?", "viden(?:ts?|tes?|ces?)",
    "videmment",
    "vit(?:er|ez|ons)", "volu(?:tions?|er|e|ent|é|tifs?|tives?)", "voqu(?:er|e|és?|ées?|ent)", "gypte", "quateur",
)  # fmt: skip
_INITIAL = re.compile(
    r"(?<![\w-])(?:(?P<É>E(?=(?:"
    + "|".join(_WORDS_WITH_E_ACUTE)
    + r")(?!\w)))|(?P<Ê>E(?=t(?:re|es)(?!\w)))|(?P<Î>I(?=l(?:es?|ots?)(?!\w))))"
)
# In capitals, by the word in small letters.
_CAPITALS = {fold_case_and_accents(word).upper(): word.upper() for word in word_list("accented-capitals")}
_SHOUTED = re.compile(r"(?<![\w-])(?:" + "|".join(_CAPITALS) + r")(?!\w)")
_TWO_CAPITALS = re.compile("[A-Z]{2}")
_AFTER_A = (
    "la|l’|l'|le|les|partir|noter|vos|nos|votre|notre|venir|lire|relire|revoir|voir|ce|cette|cet|chaque|travers|tous|toutes|propos|suivre|"
    "découvrir|quoi|quand|qui|quel|quelle|bientôt|mi-|pied|vélo|côté|retenir|savoir|partager|tout|toute|titre|ne pas|compter|destination|"
    "deux|moins|distance|défaut|peine"
)
_LOST_A_GRAVE = re.compile(
    r"(?:(?<=^)|(?<=[.!?…:»]\s)|(?<=[.!?…:»][\u00a0\u202f])|(?<=«\u00a0)|(?<=\n))A(?=\s(?:"
    rf"{_AFTER_A}|LA UNE|NOTER|VENIR|LIRE|VOIR|SUIVRE|RETENIR|SAVOIR|VOS)(?:(?<=[’'-])|\b))"
)
# After one of these a capital is no second part of a name: `Les Etats`.
_OPENERS = frozenset({
    "le", "la", "les", "un", "une", "des", "cet", "cette", "ces", "nos", "vos", "notre", "votre", "leurs", "chaque",
    "tous", "toutes", "aux", "au", "du", "en", "et", "à", "pour", "par", "sur", "dans", "deux", "trois",
})  # fmt: skip
_BEFORE = re.compile(r"(?:^|(?<=[^\w]))(?P<word>[A-ZÀ-Ý][\w’'-]*)[\s\u00a0\u202f]$")
_WORD = re.compile(r"[\w’'-]+")
_NAME_REACH = 100
"""Characters before a word in which a name would begin."""


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages_in("fr"):
        if passage.key in NAME_KEYS:
            continue
        for start, end, accented in sorted(_lost_accents(passage.plain)):
            word_match = _WORD.match(passage.text, start)
            whole_word = word_match[0] if word_match else passage.text[start:end]
            message = _("“{found}”: a capital keeps its accent, “{wanted}”").format(
                found=whole_word, wanted=accented + whole_word[end - start :]
            )
            yield Violation(message, TextSpan(passage, start, end), rewrite=accented)


def _lost_accents(text: str) -> Iterator[tuple[int, int, str]]:
    """The capitals of `text` that lost their accent, and what they should be."""
    for match in _INITIAL.finditer(text) if "E" in text or "I" in text else ():
        if not _is_name(text, match.start()):
            yield *match.span(), match.lastgroup or ""
    for match in _SHOUTED.finditer(text) if _TWO_CAPITALS.search(text) else ():
        if not _is_name(text, match.start()):
            yield *match.span(), _CAPITALS[match[0]]
    for match in _LOST_A_GRAVE.finditer(text) if "A" in text else ():
        yield *match.span(), "À"


def _is_name(text: str, start: int) -> bool:
    """Whether the word at `start` is part of a name: after `Mme`, or after another word with a capital."""
    before = text[max(0, start - _NAME_REACH) : start]
    if TITLE_BEFORE_NAME.search(before):
        return True
    match = _BEFORE.search(before[-40:])
    return match is not None and not match["word"].isupper() and match["word"].lower() not in _OPENERS


RULE = Rule(
    id="capital-accent",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Capitals without their accent"),
    description=N_(
        "In French a capital keeps its accent: État, École, À la une. The accent is part of the spelling, and a screen "
        "reader may read the word wrongly without it. Only words that have no other spelling are looked at, and A where it "
        "opens a sentence before a word that follows the preposition. Names are left alone: credits, authors, what follows "
        "Mme or a first name."
    ),
    hint=N_("Write É and À; `check --fix` does it."),
    check=_check,
    fixable=True,
)
