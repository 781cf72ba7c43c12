"""What people write into the site's forms: read, bounded, and told apart from what machines write."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pvd_mailer.audience.address import Address, WrongAddressError, canonical
from pvd_mailer.audience.changes import Person
from pvd_mailer.audience.tags import tag_key
from pvd_mailer.i18n import _
from pvd_mailer.issue import Publication

__all__ = ["TRAP", "Answers", "Fields", "offered", "offers_mark", "read_answers", "shows_these_offers"]

TRAP: Final = "website"
"""A field that nobody sees: only machines fill it in."""
MAX_NAME: Final = 100

Fields = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Answers:
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
    def person(self) -> Person | None:
        """Who it describes; None where something is wrong."""
        if self.address is None or self.faults:
            return None
        return Person(self.address, self.first_name, self.last_name, self.tags)


def _digest(wording: str) -> str:
    return hashlib.sha256(wording.encode()).hexdigest()[:16]


def _one(fields: Fields, name: str) -> str:
    values = fields.get(name, ())
    return values[0] if values else ""


def _line(text: str) -> str:
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def offered(publication: Publication) -> list[tuple[str, str]]:
    """The key of each offer as subscribers' tags have it, and the name of its field."""
    return [(tag_key(offer.key), f"tag-{place}") for place, offer in enumerate(publication.offers)]


def offers_mark(publication: Publication) -> str:
    """What a form carries to say which offers it shows: not to tick one that was not there declines nothing."""
    return _digest(repr([(offer.key, offer.values, offer.several) for offer in publication.offers]))


def shows_these_offers(fields: Fields, publication: Publication) -> bool:
    """Whether the form that was sent shows what `publication` offers now, and answers nothing else."""
    names = {name for _key, name in offered(publication)}
    strange = any(name.startswith("tag-") and name not in names for name in fields)
    return not strange and fields.get("offers", ()) == (offers_mark(publication),)


def read_answers(fields: Fields, publication: Publication, *, with_address: bool = True) -> Answers:
    """What `fields` say; values that `publication` does not offer are not taken."""
    faults: dict[str, str] = {}
    names = {name: _line(_one(fields, name)) for name in ("first_name", "last_name")}
    for name, said in names.items():
        if len(said) > MAX_NAME:
            faults[name] = _("at most {most} characters").format(most=MAX_NAME)
    address = None
    written = _line(_one(fields, "address"))
    if with_address:
        try:
            address = canonical(written)
        except WrongAddressError as error:
            said = str(error)
            faults["address"] = f"{said[:1].upper()}{said[1:]}. {error.hint}"
    tags: dict[str, tuple[str, ...]] = {}
    for (key, name), offer in zip(offered(publication), publication.offers, strict=True):
        chosen = tuple(value for value in offer.values if value in fields.get(name, ()))
        tags[key] = chosen if offer.several else chosen[:1]
    if with_address:  # somebody who subscribes leaves out what they do not answer
        tags = {key: values for key, values in tags.items() if values}
    shown = {**names, "address": written}
    return Answers(address, names["first_name"], names["last_name"], tags, shown, faults)
