"""The report of an issue: what became of the letter, by numbers alone.

It holds no address, and no domain with fewer than `LEAST` recipients: a domain of one's own is a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pvd_mailer.database.states import State
from pvd_mailer.journal.fates import Fate
from pvd_mailer.observe.periods import RETURNED, Period
from pvd_mailer.observe.reasons import Reason

__all__ = ["LEAST", "Domain", "Level", "Outcome", "Peer", "Report"]

LEAST = 5
"""Accepted recipients that a domain has to have to be named."""
GMAIL_WANTS = 0.001
GMAIL_REFUSES = 0.003


class Level(StrEnum):
    """How the share of complaints stands against what Gmail asks of whoever sends to many."""

    NONE = "none"
    LOW = "low"
    """Under 0.1 %."""
    HIGH = "high"
    """From 0.1 %."""
    TOO_HIGH = "too-high"
    """From 0.3 %."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the accepted messages, and what their readers did.

    Attributes:
        fates: Every accepted message is in exactly one.
        unsubscribes: Readers who left by it, less those who took it back.
        undone: Readers who left by it and took it back.
    """

    fates: Mapping[Fate, int]
    complaints: int
    unsubscribes: int
    undone: int

    @property
    def accepted(self) -> int:
        """How many messages the channel took."""
        return sum(self.fates.values())

    @property
    def returned(self) -> int:
        """How many came back: bounced, blocked or dropped."""
        return sum(self.fates[fate] for fate in RETURNED)

    @property
    def kept(self) -> int:
        """How many did not come back: what complaints and unsubscriptions are a share of."""
        return self.accepted - self.returned

    @property
    def tells_delivery(self) -> bool:
        """Whether it is known how many were delivered: by SMTP, nobody says so."""
        return bool(self.fates[Fate.DELIVERED]) or not self.fates[Fate.SILENT]

    @property
    def level(self) -> Level:
        """The share of complaints, against Gmail's limits."""
        if not self.complaints:
            return Level.NONE
        share = self.complaints / max(self.kept, 1)
        return Level.TOO_HIGH if share >= GMAIL_REFUSES else Level.HIGH if share >= GMAIL_WANTS else Level.LOW

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        return {
            "accepted": self.accepted,
            "fates": {str(fate): self.fates[fate] for fate in Fate},
            "returned": self.returned,
            "complaints": self.complaints,
            "unsubscribes": self.unsubscribes,
            "undone": self.undone,
            "rates": {
                "delivered": _rate(self.fates[Fate.DELIVERED], self.accepted),
                "returned": _rate(self.returned, self.accepted),
                "complaints": _rate(self.complaints, self.kept),
                "unsubscribes": _rate(self.unsubscribes, self.kept),
            },
        }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


@dataclass(frozen=True, slots=True)
class Domain:
    """The outcome at one domain; `name` is None for all that are not named, together."""

    name: str | None
    outcome: Outcome

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        said = self.outcome.as_json()
        del said["undone"], said["rates"]
        return {"domain": self.name, **said}


@dataclass(frozen=True, slots=True)
class Peer:
    """An earlier issue of the same publication."""

    number: int
    started_at: datetime
    outcome: Outcome

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        return {"issue": self.number, "started_at": self.started_at.isoformat(), **self.outcome.as_json()}


@dataclass(frozen=True, slots=True)
class Report:
    """What became of an issue; rehearsals and void approvals are aside.

    Attributes:
        states: Every recipient of the audience is in exactly one; the accepted are those of `outcome`.
        started_at: None where no send has begun.
        sources: Who told of it; empty where nothing was heard.
        aside: What was told of nobody who counts as accepted.
        peers: The newest first.
        peers_age: How long after their start they are looked at, as this issue is now; None for to the end.
    """

    number: int
    publication: str
    zone: str
    dispatches: tuple[str, ...]
    made_at: datetime
    started_at: datetime | None
    states: Mapping[State, int]
    outcome: Outcome
    reasons: tuple[Reason, ...]
    domains: tuple[Domain, ...]
    periods: tuple[Period, ...]
    sources: tuple[str, ...]
    aside: int
    peers: tuple[Peer, ...]
    peers_age: timedelta | None

    @property
    def audience(self) -> int:
        """How many recipients there are; `states` adds up to it."""
        return sum(self.states.values())

    def as_json(self) -> dict[str, object]:
        """The documented JSON object; it holds no address."""
        return {
            "publication": self.publication,
            "made_at": self.made_at.isoformat(),
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "audience": self.audience,
            "states": {str(state): self.states[state] for state in State},
            "outcome": self.outcome.as_json(),
            "complaint_level": str(self.outcome.level),
            "reasons": [one.as_json() for one in self.reasons],
            "domains": [one.as_json() for one in self.domains],
            "periods": [one.as_json() for one in self.periods],
            "sources": list(self.sources),
            "aside": self.aside,
            "peers": [one.as_json() for one in self.peers],
            "peers_age_hours": int(self.peers_age / timedelta(hours=1)) if self.peers_age is not None else None,
        }
