"""Joining by the readers' site: what was asked for becomes a subscription when its link is used."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from pvd_mailer.audience import requests
from pvd_mailer.audience.changes import sign_up
from pvd_mailer.audience.requests import Request
from pvd_mailer.audience.subscribers import Proof
from pvd_mailer.database import Connection
from pvd_mailer.database.states import Basis
from pvd_mailer.keys import KeyRing

__all__ = ["Confirmed", "Fate", "confirm"]


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


def confirm(connection: Connection, ref: str, site: str, keys: KeyRing, now: datetime) -> Confirmed:
    """Subscribe who asked for it by the request `ref` at `site`, with the proof: when, by which form, which wording.

    The second of two clicks does nothing, so that an old mail brings nobody back who has left since.
    """
    request = requests.find(connection, ref, now)
    if request is None:
        return Confirmed(Fate.OVER)
    if not requests.mark_done(connection, ref, now):
        return Confirmed(Fate.ALREADY, request)
    asked, confirmed = (moment.isoformat(timespec="seconds") for moment in (request.asked_at, now))
    source = f"{site}/{request.publication}/subscribe; asked {asked}, confirmed {confirmed}"
    sign_up(connection, request.person, Proof(Basis.CONSENT, now, source, request.wording), keys, now)
    return Confirmed(Fate.SUBSCRIBED, request)
