"""The archive's documents: the site answers with them, and `publish` writes them as files."""

from collections import OrderedDict
from datetime import datetime
from itertools import groupby
from threading import Lock
from typing import Any

from pvd_mailer import archive
from pvd_mailer.archive import ArchivedLetter, PageContext
from pvd_mailer.archive.card import Card, draw_card
from pvd_mailer.archive.feed import Feed, FeedEntry
from pvd_mailer.archive.sharing import card_picture, open_graph_properties
from pvd_mailer.i18n import catalogue, language
from pvd_mailer.issue.accessibility import STATEMENT_SLUG, AuditStatus
from pvd_mailer.render.dates import long_date
from pvd_mailer.render.palette import compute_colours
from pvd_mailer.send.unsubscribe_links import unsubscribe_mailto
from pvd_mailer.services import archive as stored_letters
from pvd_mailer.site.state import Site
from pvd_mailer.site.views.conditional import Document
from pvd_mailer.site.views.render import PAGE_CSP, local_date, render_page
from pvd_mailer.web.middleware import CSP_BASE

__all__ = ["LETTER_CSP", "ArchivePages"]

LETTER_CSP = f"{CSP_BASE}; style-src 'unsafe-inline'; img-src 'self'; form-action 'none'; frame-ancestors 'none'"
"""Content-Security-Policy of a letter: its own styles, pictures of this site, and nothing else."""
_CACHE_FOREVER = "public, max-age=31536000, immutable"
FEED_LENGTH = 10
_MAX_CACHED = 64
"""Letters that are kept ready; one weighs about as much as its HTML."""


class ArchivePages:
    """The letters of a site's publications. Its methods read the database: call them in a thread.

    Attributes:
        static: Whether its pages are files, whose reader can ask nothing of the site in passing.
    """

    def __init__(self, site: Site, *, static: bool = False) -> None:
        self.site = site
        self.static = static
        self._cache: OrderedDict[tuple[object, ...], str] = OrderedDict()
        self._lock = Lock()

    @property
    def base_url(self) -> str:
        """Where all of it is, without a final slash."""
        return self.site.context.settings.pages_url or ""

    def letters(self, publication: str | None = None) -> list[ArchivedLetter]:
        """The letters of `publication`, or of all that the site speaks for, the newest first."""
        letters = stored_letters.list_letters(self.site.context)
        names = set(self.site.publications) if publication is None else {publication}
        return [letter for letter in letters if letter.publication in names]

    def find_letter(self, publication: str, number: int) -> ArchivedLetter | None:
        """The letter of that issue; None where there is none to be read."""
        return next((letter for letter in self.letters(publication) if letter.number == number), None)

    def home(self) -> Document:
        """The list of publications, or the one publication's letters."""
        if len(self.site.publications) == 1:
            return self.index(self.site.default_publication)
        letters = self.letters()
        newest = {
            name: next((letter for letter in letters if letter.publication == name), None)
            for name in self._publication_names
        }
        return self._page(
            "publications.html",
            self.site.default_publication,
            letters,
            newest=newest,
            publications=self._publications_by_name,
        )

    def index(self, publication: str) -> Document:
        """The publication's letters by year, the newest first."""
        letters = self.letters(publication)
        years = [
            (year, list(letters_of_year))
            for year, letters_of_year in groupby(letters, key=lambda letter: letter.day.year)
        ]
        return self._page("archive.html", publication, letters, years=years)

    @property
    def _publication_names(self) -> list[str]:
        return sorted(self.site.publications, key=lambda name: self.site.publications[name].name.casefold())

    @property
    def _publications_by_name(self) -> list[tuple[str, object]]:
        return [(name, self.site.publications[name]) for name in self._publication_names]

    def statement(self, publication: str) -> Document:
        """The accessibility statement of the publication's pages."""
        config = self.site.publications[publication]
        statement = config.accessibility
        day = local_date(config)
        return self._page(
            "accessibility.html",
            publication,
            [],
            said=statement,
            standing=str(statement.audit_status(day) if statement else AuditStatus.NOT_AUDITED),
            state=str(config.compliance(day)),
            contact=(statement.contact if statement else None) or config.colophon.contact,
        )

    def _page(self, template: str, publication: str, letters: list[ArchivedLetter], **values: Any) -> Document:
        config = self.site.publications[publication]
        response = render_page(
            self.site,
            template,
            publication=publication,
            address=self.base_url,
            indexed=config.search_engines,
            static=self.static,
            shown=open_graph_properties(
                card_picture(f"{self.base_url}/{publication}/", f"{config.name} – {config.letter}")
            ),
            home=self.base_url if self.static else self.site.public_url,
            subscribe=self._subscribe_url(publication),
            has_site=self.site.context.settings.public_url is not None,
            long_date=lambda day: long_date(day, language()),
            **values,
        )
        headers = {"content-security-policy": PAGE_CSP, "content-language": language()}
        return Document(bytes(response.body), "text/html", _newest(letters), headers=headers)

    def _subscribe_url(self, publication: str) -> str:
        """Where one subscribes: at the site, or where publication.yaml says."""
        url = self.site.context.settings.public_url
        return f"{url}/{publication}/subscribe" if url else self.site.publications[publication].subscribe_url

    def _page_context(self, letter: ArchivedLetter) -> PageContext:
        publication, url = self.site.publications[letter.publication], self.site.context.settings.public_url
        mailto = unsubscribe_mailto(letter.seal.unsubscribe, letter.seal.list_id)
        return PageContext(
            url=f"{self.base_url}/{letter.publication}/{letter.number}/",
            public_unsubscribe_url=f"{url}/{letter.publication}/preferences" if url else mailto,
            site_name=publication.name,
            is_indexed=publication.search_engines,
            index_path="../index.html" if self.static else "../",
            statement_path=f"../{STATEMENT_SLUG}/" + ("index.html" if self.static else ""),
            compliance=publication.compliance(local_date(publication)).label,
            font=publication.theme.body_font,
        )

    def _rendered(self, letter: ArchivedLetter, render: stored_letters.Renderer) -> str:
        """What `render` makes of the sealed letter; from memory where it was made before, as its digest says."""
        page_context = self._page_context(letter)
        key = (letter.digest, letter.publication, letter.number, render.__name__, page_context)
        with self._lock:
            if key in self._cache:
                self._cache.move_to_end(key)
                return self._cache[key]
        page = stored_letters.render_archived_letter(self.site.context, letter, render, page_context)
        with self._lock:
            self._cache[key] = page
            while len(self._cache) > _MAX_CACHED:
                self._cache.popitem(last=False)
        return page

    def letter(self, letter: ArchivedLetter) -> Document:
        """The letter as a page."""
        headers = {"content-security-policy": LETTER_CSP, "content-language": letter.manifest.lang}
        return Document(self._rendered(letter, archive.web_page).encode(), "text/html", letter.sent_at, headers=headers)

    def text(self, letter: ArchivedLetter) -> Document:
        """The letter as plain text."""
        headers = {"content-language": letter.manifest.lang}
        if not self.site.publications[letter.publication].search_engines:
            headers["x-robots-tag"] = "noindex"
        return Document(
            self._rendered(letter, archive.web_text).encode(), "text/plain", letter.sent_at, headers=headers
        )

    def card(self, publication: str, letter: ArchivedLetter | None = None) -> Document:
        """The picture of a letter that has none, or of the publication, for whoever shows its page."""
        config = self.site.publications[publication]
        colours = compute_colours(config.theme.light)
        lang = letter.manifest.lang if letter else config.lang
        number = (
            (catalogue(lang).gettext("no.") + f"\u00a0{letter.number}", long_date(letter.day, lang)) if letter else ()
        )
        card = Card(
            above=" · ".join((config.letter, *number)),
            title=letter.manifest.subject if letter else config.tagline or config.letter,
            below=config.name,
            background=colours.band,
            strong=colours.on_band,
            soft=colours.soft_on_band,
            is_serif=not config.theme.heading_font.strip().endswith("sans-serif"),
        )
        headers = {"cross-origin-resource-policy": "cross-origin"}
        return Document(draw_card(card), "image/png", headers=headers)

    def feed(self, publication: str) -> Document:
        """The newest letters as Atom."""
        config, letters = self.site.publications[publication], self.letters(publication)[:FEED_LENGTH]
        feed = Feed(
            title=f"{config.name} – {config.letter}",
            subtitle=config.tagline or "",
            author=config.colophon.organisation,
            lang=config.lang,
            list_id=config.list_id.id,
            url=f"{self.base_url}/{publication}/",
        )
        entries = [
            FeedEntry(letter, self._page_context(letter).url, self._rendered(letter, archive.web_letter))
            for letter in letters
        ]
        return Document(archive.atom_feed(feed, entries), "application/atom+xml", _newest(letters))

    def calendar(self, publication: str, number: int, name: str) -> Document | None:
        """A file for a reader's calendar."""
        data = stored_letters.load_hosted_calendar(self.site.context, publication, number, name)
        return None if data is None else Document(data, "text/calendar")

    def picture(self, name: str) -> Document | None:
        """A picture, which mail programs and webmails of any host may show."""
        data = stored_letters.load_hosted_picture(self.site.context, name)
        headers = {"cross-origin-resource-policy": "cross-origin"}
        if data is None:
            return None
        return Document(data, archive.picture_media_type(name), cache=_CACHE_FOREVER, headers=headers)


def _newest(letters: list[ArchivedLetter]) -> datetime | None:
    return max((letter.sent_at for letter in letters), default=None)
