"""The interface of a channel, and the closed set of what can become of a message handed to it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from pvd_mailer.errors import PvdError
from pvd_mailer.letter import Letter
from pvd_mailer.letter.mime import MessageHeaders

__all__ = [
    "Channel",
    "DeliveryOutcome",
    "DeliveryResult",
    "FailureCause",
    "Recipient",
    "SendRequest",
    "SenderIdentity",
    "Session",
    "UnsupportedLetterError",
]


class DeliveryOutcome(StrEnum):
    """What became of one message."""

    ACCEPTED = "accepted"
    """The channel has it, and said so."""
    REFUSED = "refused"
    """A definite no; nothing left."""
    NOT_SENT = "not sent"
    """Provably nothing left: the recipient goes back to pending."""
    UNKNOWN = "unknown"
    """It may have left, or not."""


class FailureCause(StrEnum):
    """Why a message was not accepted. The advice to a person depends on it, so it is kept."""

    ADDRESS = "address"
    """Refused: this recipient's address."""
    MESSAGE = "message"
    """Refused: the letter, the sender or the call as such."""
    BUSY = "busy"
    """Refused for now: a full mailbox, greylisting."""
    LOGIN = "login"
    """Not sent: the key or the password is not accepted, or may not do this."""
    UNREACHABLE = "unreachable"
    """Not sent: no connection, no such host, a certificate that is not trusted."""
    THROTTLED = "throttled"
    """Not sent: the provider asks to wait."""
    DISK = "disk"
    """Not sent: this machine could not write."""
    NO_ANSWER = "no-answer"
    """Unknown: the message went out, and no answer came in time."""
    CUT = "cut"
    """Unknown: the connection broke while the message went out or before the answer was whole."""
    SERVER_FAULT = "server-fault"
    """Unknown: the provider answered with a fault of its own (5xx)."""
    UNCLEAR = "unclear"
    """Unknown: an answer that means neither yes nor no."""
    INTERRUPTED = "interrupted"
    """Somebody ended the send. Unknown: before it had the answer; or not sent: before the message went out."""
    KILLED = "killed"
    """Unknown: the sender was stopped before it had the answer."""
    RESTORED = "restored"
    """Unknown: the journal was restored from a backup; it may have been sent since."""


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """An outcome and, where it is not accepted, why.

    Attributes:
        reason: For people, in the provider's words where there are any; never an address, never a secret.
        retryable: A refusal that another attempt may get past.
        retry_at: Until when the channel asked not to be called again; UTC.
        is_fatal: Going on makes no sense before a person has acted: the dispatch pauses.
        status: RFC 3463's code of a refusal, where the far side gave one, such as 5.1.1.
    """

    outcome: DeliveryOutcome
    cause: FailureCause | None = None
    reason: str = ""
    retryable: bool = False
    retry_at: datetime | None = None
    is_fatal: bool = False
    status: str = ""


class Recipient(NamedTuple):
    """One recipient of a consignment; a tuple, for a thousand of them are made for each call."""

    ref: str
    """Opaque, the same for the same recipient of the same dispatch; safe in a file name and in a Message-ID."""
    address: str
    name: str = ""
    one_click_url: str | None = None
    """An https address that answers RFC 8058's POST for this reader; None where there is no readers' site."""


@dataclass(frozen=True, slots=True)
class SenderIdentity:
    """Who the letter comes from, as sealed with it."""

    name: str
    address: str
    reply_to: str | None
    list_name: str
    list_id: str
    unsubscribe_mailto: str
    """A mailto link, RFC 2369."""
    feedback_id: str
    """The Feedback-ID header's value: which mailing of whom, and no person."""
    is_automatic: bool = False
    """Whether its mails are answers of a program to somebody's own act, and no letters."""


@dataclass(frozen=True, slots=True)
class SendRequest:
    """One call of a channel: a letter and the recipients that it is for, each address once."""

    call_id: str
    """Opaque, new for each call, in the journal before the call is made."""
    letter: Letter
    sender: SenderIdentity
    date: datetime
    recipients: tuple[Recipient, ...]
    message_tag: Callable[[str], str] | None = None
    """Gives what makes the Message-ID of a recipient's `ref` one that nobody can guess; None where no report on the
    message is waited for. Asked by a channel that builds messages itself: for one that does not, it would be the
    dearest part of a call."""

    def envelope(self, recipient: Recipient) -> MessageHeaders:
        """What the headers say to `recipient`, for a channel that builds messages itself."""
        sender = self.sender
        tag = f".{self.message_tag(recipient.ref)}" if self.message_tag else ""
        return MessageHeaders(
            sender_name=sender.name,
            sender_address=sender.address,
            reply_to=sender.reply_to,
            list_name=sender.list_name,
            list_id=sender.list_id,
            recipient_name=recipient.name,
            recipient_address=recipient.address,
            unsubscribe_mailto=sender.unsubscribe_mailto,
            one_click_url=recipient.one_click_url,
            message_id=f"{recipient.ref}{tag}@{sender.list_id}",
            date=self.date,
            feedback_id=sender.feedback_id,
            is_automatic=sender.is_automatic,
        )


class UnsupportedLetterError(PvdError):
    """A letter asks of a channel what it cannot do."""

    exit_code = 1


class Session(Protocol):
    """A connection of a channel, used by one thread; a context manager that closes it."""

    def send(self, request: SendRequest) -> Iterator[tuple[str | None, DeliveryResult]]:
        """Hand `request` over.

        Yields:
            What became of the recipient with that `ref`, as soon as it is known; or, with None for a ref, of all
            those of the consignment not yet told of. Each is journalled before the next is asked for. Whatever goes
            wrong is a result and not an exception; a recipient that is never told of is unknown.
        """
        ...

    def abort(self) -> None:
        """End what is under way, from any thread: within a second or so, `send` tells what is known of it.

        Nothing leaves by this session any more.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Channel(Protocol):
    """Something that takes letters."""

    name: str
    """As `--channel` names it."""
    identity: str
    """Which account of which server, without a secret; sealed with the approval."""
    is_live: bool
    """Whether messages leave this machine for real. A rehearsal (the outbox, a sandbox) never counts as "has it"."""
    batch_size: int
    """At most so many recipients a consignment."""
    concurrency: int
    """How many sessions it likes to have at once."""

    def session(self) -> Session:
        """A session for one thread; connects when it is first used."""
        ...

    def validate(self, letter: Letter, sender: SenderIdentity) -> None:
        """Look before anything is sealed.

        Raises:
            CannotCarryError: the letter is too large, or wants something that this channel cannot do.
            WrongUsageError: the channel is not set up (no key, no address of a server).
        """
        ...
