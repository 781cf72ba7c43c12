"""What people write into the site's forms: read, bounded, and told apart from what machines write."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication
from pvd_mailer.services.readers.subscribe import SubscriberData
from pvd_mailer.subscribers.address import Address, InvalidAddressError, parse_address
from pvd_mailer.subscribers.tags import tag_key

__all__ = [
    "HONEYPOT",
    "FormAnswers",
    "FormFields",
    "offer_fields",
    "offers_digest",
    "read_answers",
    "shows_current_offers",
]

HONEYPOT: Final = "website"
"""A field that nobody sees: only machines fill it in."""
MAX_NAME_LENGTH: Final = 100

FormFields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """What a form says.

    Attributes:
        written: By field, as it was written, to be shown again.
        faults: By field, what is wrong with it.
    """

    address: Address | None = None
    first_name: str = ""
    last_name: str = ""
    tags: dict[str, tuple[str, ...]] = field(default_factory=dict)
    written: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def person(self) -> SubscriberData | None:
        """Who it describes; None where something is wrong."""
        if self.address is None or self.faults:
            return None
        return SubscriberData(self.address, self.first_name, self.last_name, self.tags)


def _digest(wording: str) -> str:
    return hashlib.sha256(wording.encode()).hexdigest()[:16]


def _first_value(fields: FormFields, name: str) -> str:
    values = fields.get(name, ())
    return values[0] if values else ""


def _single_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def offer_fields(publication: Publication) -> list[tuple[str, str]]:
    """The key of each offer as subscribers' tags have it, and the name of its field."""
    return [(tag_key(offer.key), f"tag-{index}") for index, offer in enumerate(publication.offers)]


def offers_digest(publication: Publication) -> str:
    """What a form carries to say which offers it shows: not to tick one that was not there declines nothing."""
    return _digest(repr([(offer.key, offer.values, offer.several) for offer in publication.offers]))


def shows_current_offers(fields: FormFields, publication: Publication) -> bool:
    """Whether the form that was sent shows what `publication` offers now, and answers nothing else."""
    names = {name for _key, name in offer_fields(publication)}
    has_unknown = any(name.startswith("tag-") and name not in names for name in fields)
    return not has_unknown and fields.get("offers", ()) == (offers_digest(publication),)


def read_answers(fields: FormFields, publication: Publication, *, with_address: bool = True) -> FormAnswers:
    """What `fields` say; values that `publication` does not offer are not taken."""
    faults: dict[str, str] = {}
    names = {name: _single_line(_first_value(fields, name)) for name in ("first_name", "last_name")}
    for name, text in names.items():
        if len(text) > MAX_NAME_LENGTH:
            faults[name] = _("at most {most} characters").format(most=MAX_NAME_LENGTH)
    address = None
    written = _single_line(_first_value(fields, "address"))
    if with_address:
        try:
            address = parse_address(written)
        except InvalidAddressError as error:
            text = str(error)
            faults["address"] = f"{text[:1].upper()}{text[1:]}. {error.hint}"
    tags: dict[str, tuple[str, ...]] = {}
    for (key, name), offer in zip(offer_fields(publication), publication.offers, strict=True):
        chosen = tuple(value for value in offer.values if value in fields.get(name, ()))
        tags[key] = chosen if offer.several else chosen[:1]
    if with_address:  # somebody who subscribes leaves out what they do not answer
        tags = {key: values for key, values in tags.items() if values}
    shown = {**names, "address": written}
    return FormAnswers(address, names["first_name"], names["last_name"], tags, shown, faults)
