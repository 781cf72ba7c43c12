"""An acronym that is not spelled out where it is first used."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.names import TITLE_BEFORE_NAME, first_names
from pvd_mailer.check.text.passages import Passage
from pvd_mailer.check.text.typography import fold_case_and_accents
from pvd_mailer.check.text.word_lists import word_list
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_ACRONYM = re.compile(r"(?<![\w’'.-])(?:(?:[dDlLqQnN]|[Qq]u)[’'])?(?P<name>[A-ZÀÉÈ]{2,7}\d{0,2})(?![\w-])")
# Of kings, centuries and years; CDI, CDD and CCI are contracts and chambers, though C and D are figures too.
_ROMAN = re.compile(r"(?:MM|MCM)?(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
# What readers know better by these letters than by their words.
_KNOWN = frozenset(word_list("known-acronyms"))
_SKIPPED = ("credit", "caption", "alt", "signature", "author", "role", "source", "format", "unit", "place", "kind")
# A surname in capitals, as civil registers have it: after a title, or after a first name.
_NAMED = re.compile(
    r"(?P<before>[\w,;’'«(–]\s|[’'«(])?(?<![\w-])(?P<first>[A-ZÀ-Ý][a-zà-ÿ]+(?:-[A-ZÀ-Ý][a-zà-ÿ]+)?)\s$"
)
# Towns in capitals: an acronym has an article.
_TOWN = re.compile(
    r"(?:(?<!\w)[àÀ]|\b(?:ville|commune|maire|mairie|bourg|gare|préfecture|marché|agglomération)\s(?:de|d[’'])?)\s?$"
)
_MIN_SURNAME, _WORDS_BEFORE, _WORDS_AFTER = 5, 160, 400
"""Letters that a surname beside an unknown first name has; how far words are looked for before and after."""


def _check(context: CheckContext) -> Iterator[Violation]:
    handled: set[str] = set(_KNOWN)
    spelled_out = {name: block for passage in context.passages for name, block in _spelled_out(passage)}
    for passage in context.passages:
        if passage.key in _SKIPPED or _is_shouted(passage.plain):
            continue
        for match in _ACRONYM.finditer(passage.plain):
            name = match["name"]
            if name in handled or _ROMAN.fullmatch(name):
                continue
            if _is_name(passage.plain, match):
                continue
            handled.add(name)
            # A title may use what its own block spells out below.
            if _is_spelled_out(passage.plain, match) or (
                name in spelled_out and _is_spelled_before(context, passage, spelled_out[name])
            ):
                continue
            message = _("“{found}” is not spelled out where it is first used").format(found=name)
            yield Violation(message, TextSpan(passage, *match.span("name")))


def _spelled_out(passage: Passage) -> Iterator[tuple[str, str | None]]:
    for match in _ACRONYM.finditer(passage.plain):
        if _is_spelled_out(passage.plain, match):
            yield match["name"], passage.block


def _is_spelled_out(text: str, match: "re.Match[str]") -> bool:
    """`Agence … (ANCT)`, with the words before it; `ANCT (Agence …)`; `ANCT, l’Agence …`; `ORT – opération de …`."""
    before = text[max(0, match.start("name") - _WORDS_BEFORE) : match.start("name")]
    after = text[match.end("name") : match.end("name") + _WORDS_AFTER]
    acronym = fold_case_and_accents(match["name"])
    if before.endswith(("(", "[")) and re.search(rf"(?<!\w){acronym[0]}?\w+", fold_case_and_accents(before[:-1])):
        return True
    if re.search(r"(?:[–—-]\s|,\s|\bou\s)$", before) and _has_initials(fold_case_and_accents(before), acronym):
        return True
    if re.match(r"\s?\([^)\s]+\s[^)]*\)|,\s(?:l[ea’']|le|les|the)\s?\w+\s\w", after):
        return True
    return bool(
        re.match(rf"(?:,|:|\s[–—:-])\s(?:ou\s)?(?:l[ea]s?\s|l[’'])?{acronym[0]}\w+\s\w", fold_case_and_accents(after))
    )


def _has_initials(words: str, name: str) -> bool:
    """Whether the letters of `name` begin words of `words`, one after the other."""
    initials = iter(word[0] for word in re.findall(r"\w+", words))
    return all(letter in initials for letter in name)


def _is_name(text: str, match: "re.Match[str]") -> bool:
    """`M. MARTIN`, `Jean DUPONT`, `la ville de LAON`."""
    before = text[max(0, match.start() - _WORDS_BEFORE) : match.start()]
    if TITLE_BEFORE_NAME.search(before) or _TOWN.search(before):
        return True
    name_before = _NAMED.search(before[-60:])
    if name_before is None:
        return False
    first_name_forms = {name_before["first"].lower(), name_before["first"].lower().partition("-")[0]}
    has_words_before = name_before["before"] is not None
    return not first_name_forms.isdisjoint(first_names()) or (
        has_words_before and len(match["name"]) >= _MIN_SURNAME and _has_vowels(match["name"])
    )


def _has_vowels(name: str) -> bool:
    """Whether `name` can be said as a word."""
    return re.search(r"[^AEIOUYÀÉÈ]{4}", name) is None and re.search("[AEIOUYÀÉÈ]", name) is not None


def _is_spelled_before(context: CheckContext, passage: Passage, block: str | None) -> bool:
    """Whether the words stand in the same block, or in a block that comes before."""
    if block is None or passage.block is None:
        return False
    return context.blocks_by_id[block][0] <= context.blocks_by_id[passage.block][0]


def _is_shouted(text: str) -> bool:
    """Whether a text is in capitals, all or most of it: its words are then no acronyms."""
    letters = [character for character in text if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return capitals == len(letters) or (len(letters) > 8 and capitals > 0.7 * len(letters))  # noqa: PLR2004 - a short text may be an acronym and its article


RULE = Rule(
    id="acronym",
    severity=Severity.ADVICE,
    group=Group.READING,
    title=N_("An acronym that is not spelled out"),
    description=N_(
        "Who reads the letter for the first time does not know what ADRC is. An acronym is spelled out where it is first "
        "used, “Agence nationale pour le développement du cinéma en régions (ADRC)”, or in the block whose title uses it. "
        "What everybody knows (SNCF, PDF, TVA) is left alone, credits and descriptions too, and what stands in `words.txt`."
    ),
    hint=N_("Write the words, then the acronym in brackets; or add it to words.txt if all your readers know it."),
    check=_check,
)
