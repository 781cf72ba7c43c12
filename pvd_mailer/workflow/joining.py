"""Joining by the readers' site: what was asked for becomes a subscription when its link is used."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from pvd_mailer.audience import requests
from pvd_mailer.audience.changes import Person, sign_up
from pvd_mailer.audience.requests import Request
from pvd_mailer.audience.subscribers import Proof
from pvd_mailer.database import Connection
from pvd_mailer.database.states import Basis
from pvd_mailer.keys import KeyRing

__all__ = ["Confirmed", "Fate", "Given", "confirm"]


class Fate(Enum):
    """What became of a confirmation."""

    SUBSCRIBED = auto()
    ALREADY = auto()
    """The link was used before; nothing was done."""
    OVER = auto()
    """Its time is over, or what was asked for was erased."""


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A confirmation."""

    fate: Fate
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What whoever confirms has written in the place of what the form had; None is what they were not asked."""

    first_name: str | None = None
    last_name: str | None = None
    tags: Mapping[str, tuple[str, ...]] | None = None

    def of(self, person: Person) -> Person:
        """`person`, corrected; the address is what the link proves, and stays."""
        return Person(
            person.address,
            person.first_name if self.first_name is None else self.first_name,
            person.last_name if self.last_name is None else self.last_name,
            person.tags if self.tags is None else self.tags,
        )


def confirm(
    connection: Connection, ref: str, site: str, keys: KeyRing, now: datetime, given: Given | None = None
) -> Confirmed:
    """Subscribe who asked for it by the request `ref` at `site`, with the proof: when, by which form, which wording.

    Somebody else may have typed the form: of names and tags, what whoever confirms has `given` counts, even if it is
    empty. The second of two clicks does nothing, so that an old mail brings nobody back who has left since.
    """
    request = requests.find(connection, ref, now)
    if request is None:
        return Confirmed(Fate.OVER)
    if not requests.mark_done(connection, ref, now):
        return Confirmed(Fate.ALREADY, request)
    asked, confirmed = (moment.isoformat(timespec="seconds") for moment in (request.asked_at, now))
    source = f"{site}/{request.publication}/subscribe; asked {asked}, confirmed {confirmed}"
    person = given.of(request.person) if given else request.person
    sign_up(connection, person, Proof(Basis.CONSENT, now, source, request.wording), keys, now)
    return Confirmed(Fate.SUBSCRIBED, request)
