"""The archive as files: what the site answers, for a web space that only keeps files.

The bytes are the site's own, but for the links of its index pages: a file leads to other files beside it, so that the
folder can lie below any address, and opens from a disk.
"""

import html
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pvd_mailer import archive
from pvd_mailer.archive.card import NAME as CARD
from pvd_mailer.database import Database
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, speak
from pvd_mailer.issue.accessibility import STATEMENT
from pvd_mailer.journal import blobs
from pvd_mailer.letter import Letter
from pvd_mailer.letter.sealed import Manifest
from pvd_mailer.site.context import Site
from pvd_mailer.site.library import Library
from pvd_mailer.site.style import stylesheet

__all__ = ["files"]

_LINK = re.compile(r'(\s(?:href|src)=")(/[^"]*)(")')


def files(site: Site, extra: tuple[str, int, Letter] | None = None) -> dict[str, bytes]:
    """All that is to be hosted, by path: pages, feeds, texts, and what letters lead to.

    Args:
        site: The publications.
        extra: Publication, number and letter of an issue whose pictures and calendars are to be there before it leaves.

    Raises:
        WrongUsageError: the address of the files is not known.
    """
    if site.office.settings.pages_url is None:
        raise WrongUsageError(
            _("where the files will be hosted is not known: PVD_STATIC_URL is not set"),
            _("Set it to the https address that readers will find the folder at, such as https://example.org/lettre."),
        )
    library = Library(site, static=True)
    found: dict[str, bytes] = dict(_pages(library))
    for publication, number, manifest in _hosted(site.office.database):
        with site.office.database.read() as connection:
            for picture in manifest.pictures:
                path = f"images/{picture.name}"
                if path not in found:
                    found[path] = blobs.get(connection, picture.digest)
            for name, digest in manifest.calendars.items():
                path = f"{publication}/{number}/{name}"
                if publication in site.publications and path not in found:
                    found[path] = blobs.get(connection, digest)
    if extra:
        publication, number, letter = extra
        found |= {f"images/{one.name}": one.data for one in letter.attachments}
        found |= {f"{publication}/{number}/{one.name}": one.data for one in letter.calendars}
    return {
        path: _anchored(data, path, site.prefix) if path in _indexes(site) else data for path, data in found.items()
    }


def _hosted(database: Database) -> list[tuple[str, int, Manifest]]:
    with database.read() as connection:
        return archive.hosted(connection)


def _indexes(site: Site) -> set[str]:
    return {
        "index.html",
        *(f"{name}/index.html" for name in site.publications),
        *(f"{name}/{STATEMENT}/index.html" for name in site.publications),
    }


def _pages(library: Library) -> Iterator[tuple[str, bytes]]:
    site = library.site
    speak(site.publications[site.house].lang)
    yield "index.html", library.home().body
    for name, face in site.publications.items():
        speak(face.lang)
        yield f"{name}/index.html", library.index(name).body
        yield f"{name}/{STATEMENT}/index.html", library.statement(name).body
        yield f"{name}/{CARD}", library.card(name).body
        yield f"{name}/feed.xml", library.feed(name).body
        yield f"{name}/site.css", stylesheet(face.theme)[0].encode()
    for one in library.shelf():
        folder = f"{one.publication}/{one.number}"
        page = library.letter(one).body
        yield f"{folder}/index.html", page
        if f"/{folder}/{CARD}".encode() in page:  # a letter with a picture needs none
            yield f"{folder}/{CARD}", library.card(one.publication, one).body
        yield f"{folder}/letter.txt", library.text(one).body


def _anchored(page: bytes, path: str, prefix: str) -> bytes:
    """`page` with its links within the archive made relative to `path`, and to files where they name a folder."""
    here = posixpath.dirname(path)

    def relative(link: re.Match[str]) -> str:
        parts = urlsplit(html.unescape(link[2]))
        target = parts.path.removeprefix(prefix).lstrip("/")
        if not target or target.endswith("/"):
            target += "index.html"
        found = posixpath.relpath(target, here or ".")
        return link[1] + html.escape(found + (f"?{parts.query}" if parts.path.endswith(".css") else "")) + link[3]

    return _LINK.sub(relative, page.decode()).encode()
