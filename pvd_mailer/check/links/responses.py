"""The addresses of a letter that the network was asked for, and what it answered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import LetterElement, SymbolicLocation
from pvd_mailer.online import LinkResult

__all__ = ["LocatedResponse", "is_home_page", "located_responses", "urls_to_check"]

_WEB_SCHEMES = ("http://", "https://")
_HOME = re.compile(
    r"(?i)/?(?:(?:fr|en)(?:-[a-z]{2})?/?)?(?:(?:index|default|home|accueil)(?:\.[a-z]{3,5})?|welcome|homepage|page-d-accueil)?/?"
)
# A query that says nothing of which page is wanted: WordPress's first entry, a language, where somebody came from.
_INSIGNIFICANT_QUERY = re.compile(
    r"(?i)(?:p=1|page_id=1|(?:lang|l|from|ref|referer|source|status|error|erreur|redirect|msg)=[^&]*|404)(?:&|$)"
)
_HOME_TITLE = re.compile(r"(?i)\W*(?:(?:page\s+d[’'])?accueil|bienvenue|home(?:\s?page)?|welcome)\b")


@dataclass(frozen=True, slots=True)
class LocatedResponse:
    """One place where an address stands, and the answer for it."""

    url: str
    response: LinkResult
    location: SymbolicLocation
    is_picture: bool = False


def _located_urls(context: CheckContext) -> Iterator[tuple[str, SymbolicLocation, bool]]:
    """Every web address of the letter: the issue's, the settings', then what templates add."""
    seen: set[str] = set()
    for link in context.links:
        if link.url.lower().startswith(_WEB_SCHEMES):
            seen.add(link.url)
            yield link.url, link.url_location, False
    for element in context.tree.iter("a", "img"):
        is_picture = element.tag == "img"
        url = element.get("src" if is_picture else "href") or ""
        if url.lower().startswith(_WEB_SCHEMES) and url not in seen:
            seen.add(url)
            yield url, LetterElement(element), is_picture


def urls_to_check(context: CheckContext) -> list[str]:
    """What is to be asked for, each once."""
    return list(dict.fromkeys(url for url, _location, _is_picture in _located_urls(context)))


def located_responses(context: CheckContext) -> Iterator[LocatedResponse]:
    """What was asked, wherever it stands."""
    if context.online is None:
        return
    for url, location, is_picture in _located_urls(context):
        response = context.online.links.get(url)
        if response is not None:
            yield LocatedResponse(url, response, location, is_picture)


def is_home_page(url: str, title: str = "") -> bool:
    """Whether `url` is a site's first page; where its query leaves that open, `title` may say so."""
    parts = urlsplit(urldefrag(url).url)
    if not _HOME.fullmatch(parts.path):
        return False
    says_nothing = _INSIGNIFICANT_QUERY.sub("", parts.query) == ""
    return says_nothing or _HOME_TITLE.match(title) is not None
