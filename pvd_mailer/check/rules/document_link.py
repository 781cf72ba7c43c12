"""A link to a document that does not say what opens, and how heavy it is."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.links import Link
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_FORMATS = {
    "pdf": "PDF", "doc": "Word", "docx": "Word", "odt": "ODT", "rtf": "RTF", "xls": "Excel", "xlsx": "Excel", "ods": "ODS",
    "csv": "CSV", "ppt": "PowerPoint", "pptx": "PowerPoint", "odp": "ODP", "zip": "ZIP", "epub": "EPUB", "mp3": "MP3",
    "mp4": "MP4", "ics": "ICS",
}  # fmt: skip
_OTHER_NAMES = {
    "Word": "docx?|word",
    "Excel": "xlsx?|excel|tableur",
    "PowerPoint": "pptx?|powerpoint|diaporama",
    "ICS": "ics|agenda|calendrier|calendar",
}
_WEIGHT = re.compile(r"(?i)\d(?:[,.]\d+)?[\s\u00a0\u202f]*(?:[kmg](?:i?o|i?b)|octets|bytes)\b")
_ALWAYS_LIGHT = ("ICS",)
_MEGABYTE = 1_000_000


def _format_of(link: Link) -> str | None:
    if not link.url.lower().startswith("http"):
        return None
    return _FORMATS.get(PurePosixPath(unquote(urlsplit(link.url).path)).suffix.lower().removeprefix("."))


def _check(context: CheckContext) -> Iterator[Violation]:
    for link in context.links:
        kind = _format_of(link)
        if kind is None:
            continue
        text = f"{link.words} {link.surrounding_text}"
        has_kind = re.search(rf"(?i)\b(?:{_OTHER_NAMES.get(kind, kind)})\b", text) is not None
        has_weight = _WEIGHT.search(text) is not None or kind in _ALWAYS_LIGHT
        if has_kind and has_weight:
            continue
        if has_kind:
            message = _("a {kind} document opens here, and nothing says how heavy it is")
        elif has_weight:
            message = _("a {kind} document opens here, and nothing says so")
        else:
            message = _("a {kind} document opens here: nothing says so, nor how heavy it is")
        yield Violation(message.format(kind=kind), link.words_location, _hint_with_weight(context, link, kind))


def _hint_with_weight(context: CheckContext, link: Link, kind: str) -> str | None:
    """What to add, where the server told how heavy it is."""
    answer = context.online.links.get(link.url) if context.online else None
    if answer is None or not answer.size:
        return None
    hint = _("Add it in brackets: ({kind}, {weight}); a resource has `format` for it.")
    if answer.size < _MEGABYTE:
        weight = _("{n} KB").format(n=max(1, round(answer.size / 1000)))
    else:
        weight = _("{n} MB").format(n=f"{answer.size / _MEGABYTE:.1f}".replace(".", _(".")))
    return hint.format(kind=kind, weight=weight)


RULE = Rule(
    id="document-link",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("A document whose format and weight are not told"),
    description=N_(
        "A link that opens a PDF, a spreadsheet or an archive says so, with its weight: on a telephone, far from a good "
        "network, 12 MB are a decision, and a document wants another program than a page (RGAA 13.3). It is enough to "
        "write it in the link, right after it, or in `format` of a resource."
    ),
    hint=N_("Add it in brackets, such as (PDF, 2,3 Mo); a resource has `format` for it."),
    check=_check,
)
