"""One sending of one letter: a message a recipient, each handed to the channel, each outcome counted."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote

from pvd_mailer.audience import Recipient
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.letter import Letter
from pvd_mailer.letter.mime import Envelope, build
from pvd_mailer.send.channels import Channel, Outcome, Parcel, Result

__all__ = ["Account", "dispatch", "envelope"]


@dataclass(slots=True)
class Account:
    """How many recipients came to which outcome; the sum is the audience."""

    audience: int
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def count(self, result: Result) -> None:
        """Add one result."""
        self.outcomes[result.outcome] += 1
        if result.reason:
            self.reasons[result.reason] += 1

    @property
    def is_complete(self) -> bool:
        """Whether everybody has the letter, now or from before."""
        return self.outcomes[Outcome.ACCEPTED] + self.outcomes[Outcome.ALREADY] == self.audience


def _key(issue: Issue, address: str) -> str:
    """The same for one reader of one issue, whenever it is asked for, and silent about the address."""
    digest = hashlib.sha256(f"{issue.publication}\n{issue.number}\n{address.casefold()}".encode()).hexdigest()
    return f"{issue.number:03}.{digest[:24]}"


def envelope(publication: Publication, recipient: Recipient, key: str, date: datetime) -> Envelope:
    """What the headers say to `recipient`.

    No one-click address yet: nothing would answer its POST until readers have a site to leave by.
    """
    subject = quote(f"unsubscribe {publication.list_id.id}")
    return Envelope(
        sender_name=publication.sender.name,
        sender_address=publication.sender.address,
        reply_to=publication.sender.reply_to,
        list_name=publication.list_id.name,
        list_id=publication.list_id.id,
        recipient_name=recipient.name,
        recipient_address=recipient.address,
        unsubscribe_mailto=f"mailto:{publication.unsubscribe}?subject={subject}",
        one_click_url=None,
        message_id=f"{key}@{publication.list_id.id}",
        date=date,
    )


def dispatch(
    letter: Letter,
    issue: Issue,
    publication: Publication,
    recipients: Sequence[Recipient],
    channel: Channel,
    date: datetime,
    *,
    again: bool = False,
) -> Iterator[Result]:
    """Send `letter` to `recipients`, one result each, in their order.

    Args:
        letter: What is sent.
        issue: Whose letter it is.
        publication: Who sends it.
        recipients: Each address once.
        channel: What takes the messages.
        date: The Date header.
        again: Also to who has this issue already.
    """
    suffix = f".{secrets.token_hex(4)}" if again else ""
    for recipient in recipients:
        key = _key(issue, recipient.address) + suffix
        message = build(letter, envelope(publication, recipient, key, date))
        yield channel.deliver(Parcel(key, message))
