"""The archive as files: what the site answers, for a web space that only keeps files.

The bytes are the site's own, but for the links of its index pages: a file leads to other files beside it, so that the
folder can lie below any address, and opens from a disk.
"""

import html
import posixpath
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pvd_mailer.archive.card import CARD_FILE_NAME as CARD
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _, set_language
from pvd_mailer.issue.accessibility import STATEMENT_SLUG
from pvd_mailer.letter import Letter
from pvd_mailer.services.archive import hosted_files
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.archive_pages import ArchivePages
from pvd_mailer.site.views.theme import stylesheet

__all__ = ["exported_files"]

_LINK = re.compile(r'(\s(?:href|src)=")(/[^"]*)(")')


def exported_files(site: Site, extra: tuple[str, int, Letter] | None = None) -> dict[str, bytes]:
    """All that is to be hosted, by path: pages, feeds, texts, and what letters lead to.

    Args:
        site: The publications.
        extra: Publication, number and letter of an issue whose pictures and calendars are to be there before it leaves.

    Raises:
        WrongUsageError: the address of the files is not known.
    """
    if site.context.settings.pages_url is None:
        raise WrongUsageError(
            _("where the files will be hosted is not known: PVD_STATIC_URL is not set"),
            _("Set it to the https address that readers will find the folder at, such as https://example.org/lettre."),
        )
    pages = ArchivePages(site, static=True)
    files: dict[str, bytes] = dict(_page_files(pages))
    files |= hosted_files(site.context, site.publications.keys(), files.keys())
    if extra:
        publication, number, letter = extra
        files |= {f"images/{attachment.name}": attachment.data for attachment in letter.attachments}
        files |= {f"{publication}/{number}/{calendar.name}": calendar.data for calendar in letter.calendars}
    return {
        path: _with_relative_links(data, path, site.prefix) if path in _index_paths(site) else data
        for path, data in files.items()
    }


def _index_paths(site: Site) -> set[str]:
    return {
        "index.html",
        *(f"{name}/index.html" for name in site.publications),
        *(f"{name}/{STATEMENT_SLUG}/index.html" for name in site.publications),
    }


def _page_files(pages: ArchivePages) -> Iterator[tuple[str, bytes]]:
    site = pages.site
    set_language(site.publications[site.default_publication].lang)
    yield "index.html", pages.home().body
    for name, publication in site.publications.items():
        set_language(publication.lang)
        yield f"{name}/index.html", pages.index(name).body
        yield f"{name}/{STATEMENT_SLUG}/index.html", pages.statement(name).body
        yield f"{name}/{CARD}", pages.card(name).body
        yield f"{name}/feed.xml", pages.feed(name).body
        yield f"{name}/site.css", stylesheet(publication.theme)[0].encode()
    for letter in pages.letters():
        folder = f"{letter.publication}/{letter.number}"
        page = pages.letter(letter).body
        yield f"{folder}/index.html", page
        if f"/{folder}/{CARD}".encode() in page:  # a letter with a picture needs none
            yield f"{folder}/{CARD}", pages.card(letter.publication, letter).body
        yield f"{folder}/letter.txt", pages.text(letter).body


def _with_relative_links(page: bytes, path: str, prefix: str) -> bytes:
    """`page` with its links within the archive made relative to `path`, and to files where they name a folder."""
    here = posixpath.dirname(path)

    def relative(link: re.Match[str]) -> str:
        parts = urlsplit(html.unescape(link[2]))
        target = parts.path.removeprefix(prefix).lstrip("/")
        if not target or target.endswith("/"):
            target += "index.html"
        relative_path = posixpath.relpath(target, here or ".")
        return (
            link[1] + html.escape(relative_path + (f"?{parts.query}" if parts.path.endswith(".css") else "")) + link[3]
        )

    return _LINK.sub(relative, page.decode()).encode()
