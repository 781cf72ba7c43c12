"""The addresses of a letter that the network was asked for, and what it answered."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urldefrag, urlsplit

from pvd_mailer.check.rule import InLetter, Where
from pvd_mailer.online import Answer

if TYPE_CHECKING:
    from pvd_mailer.check.subject import Subject

__all__ = ["Asked", "addresses", "asked", "is_home"]

_WEB = ("http://", "https://")
_HOME = re.compile(
    r"(?i)/?(?:(?:fr|en)(?:-[a-z]{2})?/?)?(?:(?:index|default|home|accueil)(?:\.[a-z]{3,5})?|welcome|homepage|page-d-accueil)?/?"
)
# A query that says nothing of which page is wanted: WordPress's first entry, a language, where somebody came from.
_SAYS_NOTHING = re.compile(
    r"(?i)(?:p=1|page_id=1|(?:lang|l|from|ref|referer|source|status|error|erreur|redirect|msg)=[^&]*|404)(?:&|$)"
)
_HOME_TITLE = re.compile(r"(?i)\W*(?:(?:page\s+d[’'])?accueil|bienvenue|home(?:\s?page)?|welcome)\b")


@dataclass(frozen=True, slots=True)
class Asked:
    """One place where an address stands, and the answer for it."""

    url: str
    answer: Answer
    at: Where
    picture: bool = False


def _places(subject: "Subject") -> Iterator[tuple[str, Where, bool]]:
    """Every web address of the letter: the issue's, the settings', then what templates add."""
    told: set[str] = set()
    for link in subject.links:
        if link.url.lower().startswith(_WEB):
            told.add(link.url)
            yield link.url, link.to, False
    for element in subject.tree.iter("a", "img"):
        picture = element.tag == "img"
        url = element.get("src" if picture else "href") or ""
        if url.lower().startswith(_WEB) and url not in told:
            told.add(url)
            yield url, InLetter(element), picture


def addresses(subject: "Subject") -> list[str]:
    """What is to be asked for, each once."""
    return list(dict.fromkeys(url for url, _at, _picture in _places(subject)))


def asked(subject: "Subject") -> Iterator[Asked]:
    """What was asked, wherever it stands."""
    if subject.online is None:
        return
    for url, at, picture in _places(subject):
        answer = subject.online.pages.get(url)
        if answer is not None:
            yield Asked(url, answer, at, picture)


def is_home(url: str, title: str = "") -> bool:
    """Whether `url` is a site's first page; where its query leaves that open, `title` may say so."""
    parts = urlsplit(urldefrag(url).url)
    if not _HOME.fullmatch(parts.path):
        return False
    says_nothing = _SAYS_NOTHING.sub("", parts.query) == ""
    return says_nothing or _HOME_TITLE.match(title) is not None
