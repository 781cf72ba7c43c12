"""A link to a document that does not say what opens, and how heavy it is."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from pvd_mailer.check.links import Link
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_KINDS = {
    "pdf": "PDF", "doc": "Word", "docx": "Word", "odt": "ODT", "rtf": "RTF", "xls": "Excel", "xlsx": "Excel", "ods": "ODS",
    "csv": "CSV", "ppt": "PowerPoint", "pptx": "PowerPoint", "odp": "ODP", "zip": "ZIP", "epub": "EPUB", "mp3": "MP3",
    "mp4": "MP4", "ics": "ICS",
}  # fmt: skip
_ALSO = {
    "Word": "docx?|word",
    "Excel": "xlsx?|excel|tableur",
    "PowerPoint": "pptx?|powerpoint|diaporama",
    "ICS": "ics|agenda|calendrier|calendar",
}
_WEIGHT = re.compile(r"(?i)\d(?:[,.]\d+)?[\s\u00a0\u202f]*(?:[kmg](?:i?o|i?b)|octets|bytes)\b")
_LIGHT = ("ICS",)
MEGABYTE = 1_000_000


def _kind(link: Link) -> str | None:
    if not link.url.lower().startswith("http"):
        return None
    return _KINDS.get(PurePosixPath(unquote(urlsplit(link.url).path)).suffix.lower().removeprefix("."))


def _find(subject: Subject) -> Iterator[Found]:
    for link in subject.links:
        kind = _kind(link)
        if kind is None:
            continue
        said = f"{link.words} {link.around}"
        has_kind = re.search(rf"(?i)\b(?:{_ALSO.get(kind, kind)})\b", said) is not None
        has_weight = _WEIGHT.search(said) is not None or kind in _LIGHT
        if has_kind and has_weight:
            continue
        if has_kind:
            message = _("a {kind} document opens here, and nothing says how heavy it is")
        elif has_weight:
            message = _("a {kind} document opens here, and nothing says so")
        else:
            message = _("a {kind} document opens here: nothing says so, nor how heavy it is")
        yield Found(message.format(kind=kind), link.said, _asked(subject, link, kind))


def _asked(subject: Subject, link: Link, kind: str) -> str | None:
    """What to add, where the server told how heavy it is."""
    answer = subject.online.pages.get(link.url) if subject.online else None
    if answer is None or not answer.size:
        return None
    hint = _("Add it in brackets: ({kind}, {weight}); a resource has `format` for it.")
    if answer.size < MEGABYTE:
        weight = _("{n} KB").format(n=max(1, round(answer.size / 1000)))
    else:
        weight = _("{n} MB").format(n=f"{answer.size / MEGABYTE:.1f}".replace(".", _(".")))
    return hint.format(kind=kind, weight=weight)


RULE = Rule(
    id="document-link",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A document whose format and weight are not told"),
    about=N_(
        "A link that opens a PDF, a spreadsheet or an archive says so, with its weight: on a telephone, far from a good "
        "network, 12 MB are a decision, and a document wants another program than a page (RGAA 13.3). It is enough to "
        "write it in the link, right after it, or in `format` of a resource."
    ),
    hint=N_("Add it in brackets, such as (PDF, 2,3 Mo); a resource has `format` for it."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Lire [le guide des halles](https://ville.example.org/guide.pdf).\n'
        ),
        Example(
            blocks='- id: a\n  type: resource\n  title: "Les halles"\n  body: "Un guide."\n  format: "PDF"\n  link:\n    label: "Lire le guide des halles"\n    url: https://ville.example.org/Guide.PDF?v=2\n'
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Un"\n  body: "Le dossier : https://ville.example.org/dossier.pdf."\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Lire [le guide des halles](https://ville.example.org/guide.pdf) (PDF, 2,3\u00a0Mo), [le tableau (Excel, 40 Ko)](https://ville.example.org/t.xlsx).\n'
        ),
        Example(
            blocks='- id: a\n  type: resource\n  title: "Les halles"\n  body: "Un guide."\n  format: "PDF, 2,3\u00a0Mo"\n  link:\n    label: "Lire le guide des halles"\n    url: https://ville.example.org/guide.pdf\n'
        ),
    ),
    find=_find,
)
