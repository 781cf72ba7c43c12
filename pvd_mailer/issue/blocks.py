"""The blocks that an issue is made of, told apart by `type`; each has macros in `templates/base/blocks/`."""

import re
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from pvd_mailer.issue.base import (
    DateOrDateTime,
    Flag,
    OptionalDateOrDateTime,
    Slug,
    StrictModel,
    Text,
    Zone,
    model_error,
)
from pvd_mailer.issue.figures import Figures
from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.schedule import Scheduled
from pvd_mailer.issue.urls import Url, WebUrl

__all__ = [
    "BLOCKS",
    "Article",
    "Block",
    "BlockBase",
    "Brief",
    "Briefs",
    "Button",
    "CallToAction",
    "Editorial",
    "Event",
    "Heading",
    "Image",
    "ImageBlock",
    "KeyFigure",
    "Quote",
    "Resource",
    "Section",
    "Share",
    "SnippetBlock",
    "Video",
    "Waiver",
    "Waivers",
    "block_type",
]

EditorNote = Annotated[str, StringConstraints(strict=True, max_length=5000)]
PictureFileName = Annotated[
    str, StringConstraints(strict=True, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,98}\.(?i:png|jpe?g|gif)$")
]


class Button(StrictModel):
    """A link that asks for an action."""

    label: Text
    """What it does, understandable on its own: "Lire le baromètre", not "cliquez ici"."""
    url: Url


class Image(StrictModel):
    """A picture in the issue's `images/` folder."""

    file: PictureFileName
    """Its name in `images/`: PNG, JPEG or GIF, without spaces or accents."""
    alt: Text | None = None
    """What it shows, for who cannot see it."""
    decorative: Flag = False
    """True where it says nothing that the text does not; then it has no `alt`."""
    credit: Text | None = None
    caption: Text | None = None
    dark_file: PictureFileName | None = None
    """The picture to show instead on a dark screen."""

    @model_validator(mode="after")
    def _check_alt(self) -> "Image":
        if self.alt is None and not self.decorative:
            raise model_error("alt-missing", field="alt")
        if self.alt is not None and self.decorative:
            raise model_error("alt-on-decoration", field="alt")
        return self


def _check_reason(reason: str) -> str:
    if not re.search(r"[^\W\d_]{2}", reason):
        raise model_error("no-reason")
    return reason


class Waiver(StrictModel):
    """A finding of the proofreader that an editor lets be, and why."""

    rule: Slug
    """The rule's name, as `check` prints it between brackets."""
    reason: Annotated[Text, AfterValidator(_check_reason)]


Waivers = Annotated[tuple[Waiver, ...], Field(max_length=20, strict=False, exclude=True)]
"""Left out when the model is written down: a letter's bytes do not depend on what is waived."""


class BlockBase(StrictModel):
    """What every block has."""

    id: Slug
    """Stable name of the block: anchor in the letter, and handle for notes and checks."""
    note: EditorNote | None = None
    """A remark between editors; never in the letter."""
    waive: Waivers = ()
    """What `check` finds in this block and is to let be."""


class Heading(BlockBase):
    """Opens a rubric."""

    type: Literal["heading"]
    title: Text
    intro: Prose | None = None


class Editorial(BlockBase):
    """The opening words of the issue."""

    type: Literal["editorial"]
    title: Text | None = None
    body: Prose
    signature: Text | None = None


class Section(StrictModel):
    """A further part of an article, drawn in this order: subheading, picture, figures, text."""

    title: Text | None = None
    """A subheading."""
    image: Image | None = None
    figures: Figures | None = None
    body: Prose | None = None

    @model_validator(mode="after")
    def _check_content(self) -> "Section":
        if self.title is None and self.image is None and self.figures is None and self.body is None:
            raise model_error("section-empty")
        return self


class Article(BlockBase):
    """A piece of news: picture, text, further sections, buttons."""

    type: Literal["article"]
    kind: Text | None = None
    """What it is, above the title: "À la une", "Reportage"."""
    title: Text
    body: Prose
    image: Image | None = None
    image_position: Literal["top", "left", "right"] = "top"
    sections: Annotated[tuple[Section, ...], Field(max_length=8, strict=False)] = ()
    buttons: Annotated[tuple[Button, ...], Field(max_length=3, strict=False)] = ()


class KeyFigure(BlockBase):
    """A number that speaks for itself."""

    type: Literal["key-figure"]
    title: Text | None = None
    """Such as "Le chiffre du mois"."""
    value: Annotated[Text, Field(max_length=16)]
    unit: Annotated[Text, Field(max_length=24)] | None = None
    label: Text
    """What is counted."""
    body: Prose | None = None
    source: Text | None = None
    image: Image | None = None
    buttons: Annotated[tuple[Button, ...], Field(max_length=3, strict=False)] = ()


class Event(Scheduled, BlockBase):
    """A webinar or a meeting; the letter writes the weekday and the hours from `start` and `end`."""

    type: Literal["event"]
    kind: Literal["webinar", "meeting"]
    title: Text | None = None
    """What it is about; without it, the letter calls it by its kind."""
    start: DateOrDateTime
    end: OptionalDateOrDateTime = None
    zone: Zone | None = None
    place: Text | None = None
    link: Button | None = None
    """Where to register or to connect."""
    body: Prose | None = None
    image: Image | None = None


class Brief(Scheduled, StrictModel):
    """One item of a list of briefs; with `start`, the letter adds when it takes place."""

    title: Text | None = None
    body: Prose
    image: Image | None = None
    start: OptionalDateOrDateTime = None
    end: OptionalDateOrDateTime = None
    zone: Zone | None = None
    link: Button | None = None
    buttons: Annotated[tuple[Button, ...], Field(max_length=2, strict=False)] = ()
    """In the place of `link`, where there are two."""

    @model_validator(mode="after")
    def _check_buttons(self) -> "Brief":
        if self.link is not None and self.buttons:
            raise model_error("link-and-buttons", field="buttons")
        return self

    @property
    def links(self) -> tuple[Button, ...]:
        """Where it leads: its `link` or its `buttons`."""
        return (self.link,) if self.link is not None else self.buttons


class Briefs(BlockBase):
    """Short news, one after the other."""

    type: Literal["briefs"]
    title: Text | None = None
    intro: Prose | None = None
    items: Annotated[tuple[Brief, ...], Field(min_length=1, max_length=30, strict=False)]


class Resource(BlockBase):
    """A document, a guide or a page to keep."""

    type: Literal["resource"]
    kind: Text | None = None
    """What it is: "Guide", "Étude", "Appel à candidature"."""
    title: Text
    body: Prose
    link: Button | None = None
    url: Url | None = None
    """In the place of `link`: the title is then the link, and there is no other."""
    format: Text | None = None
    """For a document: its format and weight, such as "PDF, 2,3 Mo"."""
    image: Image | None = None

    @model_validator(mode="after")
    def _check_link(self) -> "Resource":
        if self.link is None and self.url is None:
            raise model_error("resource-without-link")
        if self.link is not None and self.url is not None:
            raise model_error("link-and-url", field="url")
        return self


class Quote(BlockBase):
    """Somebody's words."""

    type: Literal["quote"]
    body: Prose
    author: Text
    role: Text | None = None


class ImageBlock(BlockBase):
    """A picture on its own, across the letter."""

    type: Literal["image"]
    image: Image
    link: WebUrl | None = None


class Video(BlockBase):
    """A film to watch elsewhere: mail cannot play it."""

    type: Literal["video"]
    title: Text
    link: Button
    image: Image | None = None
    """A still, shown with the link."""
    duration: Text | None = None
    body: Prose | None = None
    transcript: WebUrl | None = None
    """Where the film's words can be read."""


class CallToAction(BlockBase):
    """One thing to do."""

    type: Literal["call-to-action"]
    title: Text
    body: Prose | None = None
    button: Button


class Share(BlockBase):
    """Asks to pass the letter on, and to follow the publication."""

    type: Literal["share"]
    title: Text
    body: Prose | None = None
    by_email: Flag = True
    """Offers to write to a colleague about the letter."""
    follow: Flag = True
    """Lists the publication's `social` links."""


class SnippetBlock(BlockBase):
    """A text of the publication, by its name."""

    type: Literal["snippet"]
    use: Slug
    """Its name under `snippets` in publication.yaml."""


BLOCKS: tuple[type[BlockBase], ...] = (
    Heading,
    Editorial,
    Article,
    KeyFigure,
    Event,
    Briefs,
    Resource,
    Quote,
    ImageBlock,
    Video,
    CallToAction,
    Share,
    SnippetBlock,
)
"""Every kind of block, in the order of the documentation."""


def block_type(block: type[BlockBase]) -> str:
    """The `type` of a kind of block, which is also the name of its templates."""
    return str(get_args(block.model_fields["type"].annotation)[0])


Block = Annotated[
    Heading
    | Editorial
    | Article
    | KeyFigure
    | Event
    | Briefs
    | Resource
    | Quote
    | ImageBlock
    | Video
    | CallToAction
    | Share
    | SnippetBlock,
    Field(discriminator="type"),
]
