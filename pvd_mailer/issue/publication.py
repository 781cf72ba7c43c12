"""What does not change from month to month: name, sender, colophon, legal notice, social links, theme."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema, model_validator

from pvd_mailer.issue.accessibility import Accessibility, Compliance
from pvd_mailer.issue.base import Email, Flag, Model, Phone, Slug, Text, Zone, as_number, fault
from pvd_mailer.issue.blocks import Image, Note
from pvd_mailer.issue.links import Url, WebUrl

__all__ = ["Colophon", "Credit", "Legal", "ListId", "Offer", "Palette", "Publication", "Sender", "Theme"]


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise fault("not-a-colour")
    return value.lower()


def _domain(value: str) -> str:
    if not re.fullmatch(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}", value):
        raise fault("not-a-domain")
    return value


def _font(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9 ,'-]{1,200}", value):
        raise fault("not-a-font")
    return value


Colour = Annotated[
    str,
    StringConstraints(strict=True),
    AfterValidator(_colour),
    WithJsonSchema({"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}),
]
Domain = Annotated[str, StringConstraints(strict=True, max_length=253), AfterValidator(_domain)]
FontStack = Annotated[str, StringConstraints(strict=True, max_length=200), AfterValidator(_font)]


class Sender(Model):
    """Who the letter comes from."""

    name: Text
    address: Email
    reply_to: Email | None = None


class ListId(Model):
    """RFC 2919: `name <id>`."""

    name: Text
    id: Domain


class Credit(Model):
    """An entry of the colophon: a role and who holds it."""

    role: Text
    name: Text


class Colophon(Model):
    """Who makes the letter, and where to reach them."""

    organisation: Text
    contact_label: Text
    contact: Email
    entries: Annotated[tuple[Credit, ...], Field(max_length=20, strict=False)] = ()


class Legal(Model):
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


class Offer(Model):
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
    def _has_different_values(self) -> "Offer":
        folded = [one.casefold() for one in self.values]
        for place, one in enumerate(folded):
            if one in folded[:place]:
                raise fault("offer-twice", field="values", found=self.values[place])
        return self


class SocialLink(Model):
    """A place where the publication can be followed."""

    label: Text
    url: WebUrl


class Palette(Model):
    """Colours; what is not given is computed from the accent."""

    accent: Colour
    paper: Colour
    """Behind the letter."""
    sheet: Colour
    """Behind the text."""
    ink: Colour
    muted: Colour
    """Credits, captions, legal notice."""


Size = Annotated[int, Field(ge=11, le=200), BeforeValidator(as_number)]
Unit = Annotated[int, Field(ge=4, le=16), BeforeValidator(as_number)]
Radius = Annotated[int, Field(ge=0, le=24), BeforeValidator(as_number)]


class Scale(Model):
    """Type sizes in CSS pixels, smallest first."""

    small: Size = 14
    body: Size = 16
    lead: Size = 18
    h3: Size = 21
    h2: Size = 28
    h1: Size = 40
    hero: Size = 104


class Theme(Model):
    """The look: tokens that the templates draw with."""

    heading_font: FontStack = "Georgia, 'Times New Roman', serif"
    body_font: FontStack = "Helvetica, Arial, sans-serif"
    scale: Scale = Scale()
    space: Unit = 8
    """The unit of every distance, in CSS pixels."""
    radius: Radius = 4
    """Of corners, in CSS pixels; classic Outlook draws them square."""
    light: Palette
    dark: Palette


def _address_as_link(value: Any) -> Any:
    """An address that stands bare is meant as one to write to."""
    return f"mailto:{value}" if isinstance(value, str) and re.fullmatch(r"[^\s@:/]+@[^\s@:/]+", value) else value


def _secure(value: str) -> str:
    if not value.lower().startswith(("https:", "mailto:")):
        raise fault("not-a-contact", found=value[:80])
    return value


Secure = Annotated[
    Url,
    BeforeValidator(_address_as_link),
    AfterValidator(_secure),
    WithJsonSchema({"type": "string", "pattern": "^(https://|mailto:|[^@:/]+@)", "maxLength": 2000}),
]
"""A contact as RFC 9116 wants it: a page, or an address, after `mailto:` or alone."""

Checks = Annotated[dict[Slug, Literal["blocking", "advice", "off"]], Field(max_length=200, exclude=True)]


class Publication(Model):
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
    consent: Text | None = None
    """What somebody agrees to who subscribes on the readers' site, word for word; a sentence of ours if not given."""
    offers: Annotated[tuple[Offer, ...], Field(max_length=8, strict=False)] = ()
    """What the readers' site asks those who subscribe; no answer is ever required."""
    social: Annotated[tuple[SocialLink, ...], Field(max_length=8, strict=False)] = ()
    logo: Image | None = None
    """In the `images/` folder of the publication."""
    colophon: Colophon
    legal: Legal
    security: Secure | None = None
    """Where to tell of a weakness of the readers' site, for its security.txt; the colophon's address if not given."""
    accessibility: Accessibility | None = None
    """The accessibility statement; without it, the statement says that there was no audit."""
    theme: Theme
    checks: Checks = Field(default_factory=dict)
    """How much the proofreader's rules weigh, by their names, where it is not as they come."""
    note: Note | None = None

    def compliance(self, on: date) -> Compliance:
        """What the publication's pages may be called `on` that day, by its accessibility statement."""
        return self.accessibility.compliance(on) if self.accessibility else Compliance.NONE

    @model_validator(mode="after")
    def _offers_different_keys(self) -> "Publication":
        keys = [one.key for one in self.offers]
        for place, one in enumerate(keys):
            if one in keys[:place]:
                raise fault("offer-twice", field="offers", found=one)
        return self
