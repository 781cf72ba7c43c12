"""What does not change from month to month: name, sender, colophon, legal notice, social links, theme."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from pvd_mailer.issue.accessibility import Accessibility, Compliance
from pvd_mailer.issue.base import Email, Flag, Phone, Slug, StrictModel, Text, Zone, model_error, parse_number
from pvd_mailer.issue.blocks import Button, EditorNote, Image
from pvd_mailer.issue.markdown import Prose
from pvd_mailer.issue.urls import Url, WebUrl

__all__ = ["Colophon", "Credit", "Legal", "ListId", "Offer", "Palette", "Publication", "Sender", "Snippet", "Theme"]


def _check_colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise model_error("not-a-colour")
    return value.lower()


def _check_domain(value: str) -> str:
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}", value):
        raise model_error("not-a-domain")
    return value


def _check_font(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9 ,'-]{1,200}", value):
        raise model_error("not-a-font")
    return value


HexColour = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_check_colour),
    WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}),
]
DomainName = Annotated[str, StringConstraints(strict=True, max_length=253), AfterValidator(_check_domain)]
FontStack = Annotated[str, StringConstraints(strict=True, max_length=200), AfterValidator(_check_font)]


class Sender(StrictModel):
    """Who the letter comes from."""

    name: Text
    address: Email
    reply_to: Email | None = None


class ListId(StrictModel):
    """RFC 2919: `name <id>`."""

    name: Text
    id: DomainName


class Credit(StrictModel):
    """An entry of the colophon: a role and who holds it."""

    role: Text
    name: Text


class Colophon(StrictModel):
    """Who makes the letter, and where to reach them."""

    organisation: Text
    contact_label: Text
    contact: Email
    entries: Annotated[tuple[Credit, ...], Field(max_length=20, strict=False)] = ()


class Legal(StrictModel):
    """The legal notice and the privacy notice that every letter carries."""

    publisher: Text
    seat: Text
    telephone: Phone
    director: Text
    """Directeur or directrice de la publication."""
    host: Text
    """Who hosts, with address and telephone."""
    basis: Literal["consent", "public-mission"]
    """Why the reader may be written to: consent, or a public body's mission (GDPR 6.1.e)."""
    purpose: Text
    retention: Text
    rights: Text
    dpo: Email
    """The data protection officer's address."""
    notice_url: WebUrl
    """The page with the whole legal and privacy notice."""


class Offer(StrictModel):
    """A question that the readers' site asks: its answers become tags, which audiences are chosen by."""

    key: Slug
    """Of the tag, such as `role`."""
    label: Text
    """The question, such as "Your function"."""
    values: Annotated[tuple[Text, ...], Field(min_length=1, max_length=40, strict=False)]
    """The answers to choose from."""
    several: Flag = False
    """Whether more than one may be chosen."""

    @model_validator(mode="after")
    def _check_distinct_values(self) -> "Offer":
        folded = [value.casefold() for value in self.values]
        for index, value in enumerate(folded):
            if value in folded[:index]:
                raise model_error("offer-twice", field="values", found=self.values[index])
        return self


class SocialLink(StrictModel):
    """A place where the publication can be followed."""

    label: Text
    url: WebUrl


class Snippet(StrictModel):
    """A text that issues use by its name: a partner's paragraph, a reminder."""

    title: Text | None = None
    body: Prose
    image: Image | None = None
    """In the `images/` folder of the publication."""
    buttons: Annotated[tuple[Button, ...], Field(max_length=2, strict=False)] = ()


class Palette(StrictModel):
    """Colours; what is not given is computed from the accent."""

    accent: HexColour
    highlight: HexColour | None = None
    """Kickers and dates; the accent if not given."""
    paper: HexColour
    """Behind the letter."""
    sheet: HexColour
    """Behind the text."""
    ink: HexColour
    muted: HexColour
    """Credits, captions, legal notice."""


FontSize = Annotated[int, Field(ge=11, le=200), BeforeValidator(parse_number)]
SpaceUnit = Annotated[int, Field(ge=4, le=16), BeforeValidator(parse_number)]
CornerRadius = Annotated[int, Field(ge=0, le=24), BeforeValidator(parse_number)]


class Scale(StrictModel):
    """Type sizes in CSS pixels, smallest first."""

    small: FontSize = 14
    body: FontSize = 16
    card: FontSize = 17
    """Titles of cards and briefs."""
    lead: FontSize = 18
    """The first words of the lead."""
    h3: FontSize = 21
    """Titles of articles and events, and rubrics."""
    h2: FontSize = 32
    """The lead's title."""
    h1: FontSize = 34
    """The publication's name in the masthead."""
    hero: FontSize = 128
    """The key figure, at most."""


class Theme(StrictModel):
    """The look: tokens that the templates draw with."""

    heading_font: FontStack = "Georgia, Times, serif"
    body_font: FontStack = "Helvetica, Arial, sans-serif"
    numeral_font: FontStack = "Helvetica, Arial, sans-serif"
    """Of days and key figures; the digits of Georgia hang below the line."""
    scale: Scale = Scale()
    space: SpaceUnit = 8
    """The unit of every distance, in CSS pixels."""
    radius: CornerRadius = 4
    """Of corners, in CSS pixels; classic Outlook draws them square."""
    light: Palette
    dark: Palette


def _add_mailto(value: Any) -> Any:
    """An address that stands bare is meant as one to write to."""
    return f"mailto:{value}" if isinstance(value, str) and re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", value) else value


def _check_security_contact(value: str) -> str:
    if not value.lower().startswith(("https:", "mailto:")):
        raise model_error("not-a-contact", found=value[:80])
    return value


SecurityContact = Annotated[
    Url,
    BeforeValidator(_add_mailto),
    AfterValidator(_check_security_contact),
    WithJsonSchema({"type": "string", "pattern": "^(https://|mailto:|[^@:/]+@)", "maxLength": 2000}),
]
"""A contact as RFC 9116 wants it: a page, or an address, after `mailto:` or alone."""

RuleLevels = Annotated[dict[Slug, Literal["blocking", "advice", "off"]], Field(max_length=200, exclude=True)]


class Publication(StrictModel):
    """Settings of one publication, from `templates/<publication>/publication.yaml`."""

    name: Text
    """Such as "Petites villes de demain"."""
    letter: Text
    """What the letter is called: "La lettre"."""
    tagline: Text | None = None
    lang: Literal["fr", "en"] = "fr"
    zone: Zone = "Europe/Paris"
    say_zone: Flag = True
    """Whether hours are followed by "heure de Paris", for readers overseas."""
    summary: Flag = True
    """Whether the letter opens with its table of contents."""
    archive: Flag = True
    """Whether letters that were sent can be read on the web, once pages are hosted."""
    search_engines: Flag = True
    """Whether search engines may list the letters on the web."""
    sender: Sender
    list_id: ListId
    unsubscribe: Email
    """Where a reader without a one-click link writes to leave."""
    subscribe_url: WebUrl
    subscribe_label: Text | None = None
    """The words of the link to `subscribe_url`; "Subscribe to this letter" if not given."""
    consent: Text | None = None
    """What somebody agrees to who subscribes on the readers' site, word for word; a sentence of ours if not given."""
    offers: Annotated[tuple[Offer, ...], Field(max_length=8, strict=False)] = ()
    """What the readers' site asks those who subscribe; no answer is ever required."""
    social: Annotated[tuple[SocialLink, ...], Field(max_length=8, strict=False)] = ()
    logo: Image | None = None
    """In the `images/` folder of the publication."""
    snippets: Annotated[dict[Slug, Snippet], Field(max_length=40)] = Field(default_factory=dict)
    """Texts that issues use by their names, in blocks of type `snippet`."""
    colophon: Colophon
    legal: Legal
    security: SecurityContact | None = None
    """Where to tell of a weakness of the readers' site, for its security.txt; the colophon's address if not given."""
    accessibility: Accessibility | None = None
    """The accessibility statement; without it, the statement says that there was no audit."""
    theme: Theme
    checks: RuleLevels = Field(default_factory=dict)
    """How much the proofreader's rules weigh, by their names, where it is not as they come."""
    note: EditorNote | None = None

    def images(self, snippets: Iterable[str]) -> tuple[Image, ...]:
        """Its pictures in a letter that uses these of its `snippets`: the logo, and theirs."""
        images = (self.logo, *(self.snippets[name].image for name in snippets))
        return tuple(image for image in images if image is not None)

    def compliance(self, on: date) -> Compliance:
        """What the publication's pages may be called `on` that day, by its accessibility statement."""
        return self.accessibility.compliance(on) if self.accessibility else Compliance.NONE

    @model_validator(mode="after")
    def _check_distinct_keys(self) -> "Publication":
        keys = [offer.key for offer in self.offers]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                raise model_error("offer-twice", field="offers", found=key)
        return self
