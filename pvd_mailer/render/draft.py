"""What travels through the passes."""

from dataclasses import dataclass, field
from pathlib import Path

from lxml.etree import _Element

from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.accessibility import STATEMENT_SLUG
from pvd_mailer.issue.picture import Picture
from pvd_mailer.letter import Attachment, Calendar, Placeholders

__all__ = ["Draft", "Hosting"]


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where the letter's pages will be: `pages_url` without a final slash; None where there are none.

    Pictures are then embedded, and nothing in the letter leads to the web version or to a calendar's file.
    """

    pages_url: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter in the making; each pass returns it with one more field filled in or rewritten."""

    issue: Issue
    publication: Publication
    pictures: dict[str, Picture]
    templates: Path
    """The publication's folder; its templates go before the built-in ones."""
    hosting: Hosting
    placeholders: Placeholders
    picture_urls: dict[str, str] = field(default_factory=dict)
    """By picture name, what the HTML says in `src`."""
    attachments: tuple[Attachment, ...] = ()
    calendars: tuple[Calendar, ...] = ()
    mjml: str = ""
    css: str = ""
    """Rules to be inlined."""
    html: str = ""
    page: _Element | None = None
    """`html` as a tree, between the pass that reads it and the pass that writes it; passes change it in place."""
    text: str = ""

    @property
    def lang(self) -> str:
        """The language that the letter is written in."""
        return self.issue.lang or self.publication.lang

    @property
    def page_url(self) -> str | None:
        """Where this letter's own pages will be, with a final slash; None where there are none."""
        if self.hosting.pages_url is None:
            return None
        return f"{self.hosting.pages_url}/{self.issue.publication}/{self.issue.number}/"

    @property
    def statement_url(self) -> str | None:
        """Where the accessibility statement will be, with a final slash; None where there are no pages."""
        if self.hosting.pages_url is None:
            return None
        return f"{self.hosting.pages_url}/{self.issue.publication}/{STATEMENT_SLUG}/"
