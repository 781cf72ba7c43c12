"""An acronym that is not spelled out where it is first used."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_ACRONYM = re.compile(r"(?<![\w’'.-])(?:(?:[dDlLqQnN]|[Qq]u)[’'])?(?P<name>[A-ZÀÉÈ]{2,7}\d{0,2})(?![\w-])")
_ROMAN = re.compile(r"[IVXLCDM]+")
# What readers know better by these letters than by their words.
_KNOWN = frozenset({
    "PDF", "SMS", "GPS", "DVD", "CD", "TV", "TGV", "TER", "HTML", "RSS", "FAQ", "USB", "QR", "URL", "PC", "OK", "DJ", "ADN",
    "SNCF", "RATP", "EDF", "INSEE", "CNIL", "RGPD", "TVA", "SMIC", "RSA", "PME", "TPE", "ONG", "ONU", "OMS", "UE", "USA",
    "UNESCO", "HLM", "VTT", "SIRET", "IGN", "LED", "BD", "CNRS", "CHU", "SAMU", "SOS", "FM", "JO", "RER", "PACA", "DOM",
    "TOM", "UK", "EU", "UN", "NATO", "VAT", "CEO", "NGO", "ID", "IT", "PS", "NB", "RDV", "BP", "CS", "KO", "KB", "MB", "GB", "NOUVEAU", "GRATUIT", "URGENT", "INFO", "INFOS", "STOP", "BRAVO", "MERCI", "NEWS", "LIVE", "BIS",
    "OUI", "NON", "NEW", "FREE", "AND", "OR", "ET", "OU", "LE", "LA", "LES", "DE", "DU", "DES", "TODO", "FIXME", "TBD", "TBC", "TBA", "XXX",
})  # fmt: skip
_SKIPPED = ("credit", "caption", "alt", "signature", "author", "role", "source", "format", "unit", "place", "kind")


def _find(subject: Subject) -> Iterator[Found]:
    seen: set[str] = set(_KNOWN)
    spelled = {name: block for passage in subject.passages for name, block in _spelled(passage)}
    for passage in subject.passages:
        if passage.key in _SKIPPED or _is_shouted(passage.plain):
            continue
        for match in _ACRONYM.finditer(passage.plain):
            name = match["name"]
            if name in seen or _ROMAN.fullmatch(name):
                continue
            seen.add(name)
            # A title may use what its own block spells out below.
            if _is_spelled(passage.plain, match) or (name in spelled and _is_near(subject, passage, spelled[name])):
                continue
            message = _("“{found}” is not spelled out where it is first used").format(found=name)
            yield Found(message, InText(passage, *match.span("name")))


def _spelled(passage: Passage) -> Iterator[tuple[str, str | None]]:
    for match in _ACRONYM.finditer(passage.plain):
        if _is_spelled(passage.plain, match):
            yield match["name"], passage.block


def _is_spelled(text: str, match: "re.Match[str]") -> bool:
    """`Agence … (ANCT)`, with the words before it; `ANCT (Agence …)`; `ANCT, l’Agence …`."""
    before, after = text[: match.start("name")], text[match.end("name") :]
    initial = match["name"][0]
    if before.endswith(("(", "[")) and re.search(rf"(?i)(?<!\w){initial}?\w+", before[-160:-1]):
        return True
    return bool(re.match(r"\s*\((?:[^)]*\s){1,}[^)]*\)|,\s(?:l[ea’']|le|les|the)\s?\w+(?:\s\w+)+", after))


def _is_near(subject: Subject, passage: Passage, block: str | None) -> bool:
    """Whether the words stand in the same block, or in a block that comes before."""
    if block is None or passage.block is None:
        return False
    return subject.blocks[block][0] <= subject.blocks[passage.block][0]


def _is_shouted(text: str) -> bool:
    """Whether a text is all in capitals: its words are then no acronyms."""
    letters = [sign for sign in text if sign.isalpha()]
    return len(letters) > 8 and sum(sign.isupper() for sign in letters) > 0.7 * len(letters)  # noqa: PLR2004 - a short title may be an acronym


RULE = Rule(
    id="acronym",
    severity=Severity.ADVICE,
    group=Group.READING,
    title=N_("An acronym that is not spelled out"),
    about=N_(
        "Who reads the letter for the first time does not know what ADRC is. An acronym is spelled out where it is first "
        "used, “Agence nationale pour le développement du cinéma en régions (ADRC)”, or in the block whose title uses it. "
        "What everybody knows (SNCF, PDF, TVA) is left alone, credits and descriptions too, and what stands in `words.txt`."
    ),
    hint=N_("Write the words, then the acronym in brackets; or add it to words.txt if all your readers know it."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les cinémas"\n  body: |\n    Le CNDC et l’ADRC aident les salles.\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Ce que l’ADRC peut faire"\n  body: |\n    L’**Agence du cinéma en régions** (ADRC) aide. '
            "Au XXI^e^ siècle, en PDF ; la DGALN (direction générale de la nature) et l’ABC.\n",
            words="ABC\n",
        ),
    ),
    find=_find,
)
