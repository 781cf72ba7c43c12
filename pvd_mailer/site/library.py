"""The archive's documents: the site answers with them, and `publish` writes them as files."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from itertools import groupby
from threading import Lock
from typing import Any

from pvd_mailer import archive
from pvd_mailer.archive import Archived, Surroundings
from pvd_mailer.archive.card import Card, draw
from pvd_mailer.archive.feed import Entry, Feed
from pvd_mailer.archive.sharing import of_card, properties
from pvd_mailer.i18n import catalogue, language
from pvd_mailer.issue.accessibility import STATEMENT, Standing
from pvd_mailer.journal import blobs
from pvd_mailer.render.dates import long_date
from pvd_mailer.render.palette import compute
from pvd_mailer.send.links import unsubscribe_mailto
from pvd_mailer.site.context import Site
from pvd_mailer.site.documents import Document
from pvd_mailer.site.page import POLICY, respond, today
from pvd_mailer.web.guard import NOTHING

__all__ = ["LETTER_POLICY", "Library"]

LETTER_POLICY = f"{NOTHING}; style-src 'unsafe-inline'; img-src 'self'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of a letter: its own styles, pictures of this site, and nothing else."""
FOREVER = "public, max-age=31536000, immutable"
IN_FEED = 10
KEPT = 64
"""Letters that are kept ready; one weighs about as much as its HTML."""


class Library:
    """The letters of a site's publications. Its methods read the database: call them in a thread.

    Attributes:
        static: Whether its pages are files, whose reader can ask nothing of the site in passing.
    """

    def __init__(self, site: Site, *, static: bool = False) -> None:
        self.site = site
        self.static = static
        self._pages: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._lock = Lock()

    @property
    def address(self) -> str:
        """Where all of it is, without a final slash."""
        return self.site.office.settings.pages_url or ""

    def shelf(self, publication: str | None = None) -> list[Archived]:
        """The letters of `publication`, or of all that the site speaks for, the newest first."""
        with self.site.office.database.read() as connection:
            found = archive.shelf(connection)
        wanted = set(self.site.publications) if publication is None else {publication}
        return [one for one in found if one.publication in wanted]

    def find(self, publication: str, number: int) -> Archived | None:
        """The letter of that issue; None where there is none to be read."""
        return next((one for one in self.shelf(publication) if one.number == number), None)

    def home(self) -> Document:
        """The list of publications, or the one publication's letters."""
        if len(self.site.publications) == 1:
            return self.index(self.site.house)
        letters = self.shelf()
        newest = {name: next((one for one in letters if one.publication == name), None) for name in self._names}
        return self._page("publications.html", self.site.house, letters, newest=newest, publications=self._publications)

    def index(self, publication: str) -> Document:
        """The publication's letters by year, the newest first."""
        letters = self.shelf(publication)
        years = [(year, list(those)) for year, those in groupby(letters, key=lambda one: one.day.year)]
        return self._page("archive.html", publication, letters, years=years)

    @property
    def _names(self) -> list[str]:
        return sorted(self.site.publications, key=lambda name: self.site.publications[name].name.casefold())

    @property
    def _publications(self) -> list[tuple[str, object]]:
        return [(name, self.site.publications[name]) for name in self._names]

    def statement(self, publication: str) -> Document:
        """The accessibility statement of the publication's pages."""
        face = self.site.publications[publication]
        said = face.accessibility
        on = today(face)
        return self._page(
            "accessibility.html",
            publication,
            [],
            said=said,
            standing=str(said.standing(on) if said else Standing.NOT_AUDITED),
            state=str(face.compliance(on)),
            contact=(said.contact if said else None) or face.colophon.contact,
        )

    def _page(self, template: str, publication: str, letters: list[Archived], **values: Any) -> Document:
        face = self.site.publications[publication]
        made = respond(
            self.site,
            template,
            publication=publication,
            address=self.address,
            indexed=face.search_engines,
            static=self.static,
            shown=properties(of_card(f"{self.address}/{publication}/", f"{face.name} – {face.letter}")),
            home=self.address if self.static else self.site.public_url,
            subscribe=self._subscribe(publication),
            has_site=self.site.office.settings.public_url is not None,
            long_date=lambda day: long_date(day, language()),
            **values,
        )
        headers = {"content-security-policy": POLICY, "content-language": language()}
        return Document(bytes(made.body), "text/html", _newest(letters), headers=headers)

    def _subscribe(self, publication: str) -> str:
        """Where one subscribes: at the site, or where publication.yaml says."""
        url = self.site.office.settings.public_url
        return f"{url}/{publication}/subscribe" if url else self.site.publications[publication].subscribe_url

    def _around(self, one: Archived) -> Surroundings:
        face, url = self.site.publications[one.publication], self.site.office.settings.public_url
        leave = unsubscribe_mailto(one.seal.unsubscribe, one.seal.list_id)
        return Surroundings(
            address=f"{self.address}/{one.publication}/{one.number}/",
            way_out=f"{url}/{one.publication}/preferences" if url else leave,
            site_name=face.name,
            indexed=face.search_engines,
            index="../index.html" if self.static else "../",
            statement=f"../{STATEMENT}/" + ("index.html" if self.static else ""),
            compliance=face.compliance(today(face)).label,
            font=face.theme.body_font,
        )

    def _made(self, one: Archived, make: Callable[[Archived, Callable[[str], bytes], Surroundings], str]) -> str:
        """What `make` makes of the sealed letter; from memory where it was made before, as its digest says."""
        around = self._around(one)
        key = (one.letter, one.publication, one.number, make.__name__, around)
        with self._lock:
            if key in self._pages:
                self._pages.move_to_end(key)
                return self._pages[key]
        with self.site.office.database.read() as connection:
            made = make(one, lambda digest: blobs.get(connection, digest), around)
        with self._lock:
            self._pages[key] = made
            while len(self._pages) > KEPT:
                self._pages.popitem(last=False)
        return made

    def letter(self, one: Archived) -> Document:
        """The letter as a page."""
        headers = {"content-security-policy": LETTER_POLICY, "content-language": one.manifest.lang}
        return Document(self._made(one, archive.web_page).encode(), "text/html", one.at, headers=headers)

    def text(self, one: Archived) -> Document:
        """The letter as plain text."""
        headers = {"content-language": one.manifest.lang}
        if not self.site.publications[one.publication].search_engines:
            headers["x-robots-tag"] = "noindex"
        return Document(self._made(one, archive.web_text).encode(), "text/plain", one.at, headers=headers)

    def card(self, publication: str, one: Archived | None = None) -> Document:
        """The picture of a letter that has none, or of the publication, for whoever shows its page."""
        face = self.site.publications[publication]
        colours = compute(face.theme.light)
        lang = one.manifest.lang if one else face.lang
        number = (catalogue(lang).gettext("no.") + f"\u00a0{one.number}", long_date(one.day, lang)) if one else ()
        made = Card(
            above=" · ".join((face.letter, *number)),
            title=one.manifest.subject if one else face.tagline or face.letter,
            below=face.name,
            background=colours.band,
            strong=colours.on_band,
            soft=colours.soft_on_band,
            is_serif=not face.theme.heading_font.strip().endswith("sans-serif"),
        )
        headers = {"cross-origin-resource-policy": "cross-origin"}
        return Document(draw(made), "image/png", headers=headers)

    def feed(self, publication: str) -> Document:
        """The newest letters as Atom."""
        face, letters = self.site.publications[publication], self.shelf(publication)[:IN_FEED]
        about = Feed(
            title=f"{face.name} – {face.letter}",
            subtitle=face.tagline or "",
            author=face.colophon.organisation,
            lang=face.lang,
            list_id=face.list_id.id,
            address=f"{self.address}/{publication}/",
        )
        entries = [Entry(one, self._around(one).address, self._made(one, archive.web_letter)) for one in letters]
        return Document(archive.feed(about, entries), "application/atom+xml", _newest(letters))

    def calendar(self, publication: str, number: int, name: str) -> Document | None:
        """A file for a reader's calendar."""
        with self.site.office.database.read() as connection:
            found = archive.calendar(connection, publication, number, name)
        return None if found is None else Document(found, "text/calendar")

    def picture(self, name: str) -> Document | None:
        """A picture, which mail programs and webmails of any host may show."""
        with self.site.office.database.read() as connection:
            found = archive.picture(connection, name)
        headers = {"cross-origin-resource-policy": "cross-origin"}
        if found is None:
            return None
        return Document(found, archive.kind_of_picture(name), cache=FOREVER, headers=headers)


def _newest(letters: list[Archived]) -> datetime | None:
    return max((one.at for one in letters), default=None)
