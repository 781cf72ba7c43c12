"""What travels through the passes."""

from dataclasses import dataclass, field
from pathlib import Path

from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.picture import Picture
from pvd_mailer.letter import Attachment, Placeholders

__all__ = ["Draft", "Hosting"]


@dataclass(frozen=True, slots=True)
class Hosting:
    """Where pictures will be: `public_url` without a final slash, or None to embed them in the message."""

    public_url: str | None = None


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
    sources: dict[str, str] = field(default_factory=dict)
    """By picture name, what the HTML says in `src`."""
    attachments: tuple[Attachment, ...] = ()
    mjml: str = ""
    css: str = ""
    """Rules to be inlined."""
    html: str = ""
    text: str = ""

    @property
    def lang(self) -> str:
        """The language that the letter is written in."""
        return self.issue.lang or self.publication.lang
