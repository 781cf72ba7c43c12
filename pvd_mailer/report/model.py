"""The report of an issue: what became of the letter, by numbers alone.

It has no address, and no domain with fewer than `MIN_DOMAIN_RECIPIENTS` recipients: a domain of one's own is a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal.queries.delivery_status import DeliveryStatus
from pvd_mailer.report.bounce_reasons import FailureReason
from pvd_mailer.report.periods import RETURNED_STATUSES, Period

__all__ = ["MIN_DOMAIN_RECIPIENTS", "ComplaintLevel", "DomainOutcome", "IssueReport", "OutcomeCounts", "PreviousIssue"]

MIN_DOMAIN_RECIPIENTS = 5
"""Accepted recipients that a domain has to have to be named."""
GMAIL_COMPLAINT_TARGET = 0.001
GMAIL_COMPLAINT_LIMIT = 0.003


class ComplaintLevel(StrEnum):
    """How the share of complaints stands against what Gmail asks of whoever sends to many."""

    NONE = "none"
    LOW = "low"
    """Under 0.1 %."""
    HIGH = "high"
    """From 0.1 %."""
    TOO_HIGH = "too-high"
    """From 0.3 %."""


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """What became of the accepted messages, and what their readers did.

    Attributes:
        fates: Every accepted message is in exactly one.
        unsubscribes: Readers who left by it, less those who took it back.
        undone: Readers who left by it and took it back.
    """

    fates: Mapping[DeliveryStatus, int]
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
        return sum(self.fates[status] for status in RETURNED_STATUSES)

    @property
    def kept(self) -> int:
        """How many did not come back: what complaints and unsubscriptions are a share of."""
        return self.accepted - self.returned

    @property
    def tells_delivery(self) -> bool:
        """Whether it is known how many were delivered: by SMTP, nobody says so."""
        return bool(self.fates[DeliveryStatus.DELIVERED]) or not self.fates[DeliveryStatus.SILENT]

    @property
    def level(self) -> ComplaintLevel:
        """The share of complaints, against Gmail's limits."""
        if not self.complaints:
            return ComplaintLevel.NONE
        share = self.complaints / max(self.kept, 1)
        return (
            ComplaintLevel.TOO_HIGH
            if share >= GMAIL_COMPLAINT_LIMIT
            else ComplaintLevel.HIGH
            if share >= GMAIL_COMPLAINT_TARGET
            else ComplaintLevel.LOW
        )

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        return {
            "accepted": self.accepted,
            "fates": {str(status): self.fates[status] for status in DeliveryStatus},
            "returned": self.returned,
            "complaints": self.complaints,
            "unsubscribes": self.unsubscribes,
            "undone": self.undone,
            "rates": {
                "delivered": _rate(self.fates[DeliveryStatus.DELIVERED], self.accepted),
                "returned": _rate(self.returned, self.accepted),
                "complaints": _rate(self.complaints, self.kept),
                "unsubscribes": _rate(self.unsubscribes, self.kept),
            },
        }


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


@dataclass(frozen=True, slots=True)
class DomainOutcome:
    """The outcome at one domain; `name` is None for all that are not named, together."""

    name: str | None
    outcome: OutcomeCounts

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        data = self.outcome.as_json()
        del data["undone"], data["rates"]
        return {"domain": self.name, **data}


@dataclass(frozen=True, slots=True)
class PreviousIssue:
    """An earlier issue of the same publication."""

    number: int
    started_at: datetime
    outcome: OutcomeCounts

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        return {"issue": self.number, "started_at": self.started_at.isoformat(), **self.outcome.as_json()}


@dataclass(frozen=True, slots=True)
class IssueReport:
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
    states: Mapping[RecipientState, int]
    outcome: OutcomeCounts
    reasons: tuple[FailureReason, ...]
    domains: tuple[DomainOutcome, ...]
    periods: tuple[Period, ...]
    sources: tuple[str, ...]
    aside: int
    peers: tuple[PreviousIssue, ...]
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
            "states": {str(state): self.states[state] for state in RecipientState},
            "outcome": self.outcome.as_json(),
            "complaint_level": str(self.outcome.level),
            "reasons": [reason.as_json() for reason in self.reasons],
            "domains": [domain.as_json() for domain in self.domains],
            "periods": [period.as_json() for period in self.periods],
            "sources": list(self.sources),
            "aside": self.aside,
            "peers": [previous.as_json() for previous in self.peers],
            "peers_age_hours": int(self.peers_age / timedelta(hours=1)) if self.peers_age is not None else None,
        }
