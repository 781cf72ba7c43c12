"""What the preview shows at this moment, and who waits for the next."""

import asyncio
import hashlib
import secrets
from binascii import b2a_qp
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from pvd_mailer import clock, workflow
from pvd_mailer.errors import Blocked, PvdError
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _, speak
from pvd_mailer.letter import Attachment
from pvd_mailer.send.sample import sample_envelope
from pvd_mailer.settings import Settings
from pvd_mailer.workflow import Proof
from pvd_mailer.workspace import IssueFolder, Workspace

__all__ = ["Good", "Preview", "Shown"]

HEADERS = 1200
"""Bytes of a message's headers, about."""
BASE64 = 4 * 78 / 76
"""What three bytes of a picture become, line ends included."""


@dataclass(frozen=True)
class Good:
    """A render that nothing stood in the way of.

    Attributes:
        proof: The issue and its letter.
        at: When it was rendered.
        html: The HTML part as one reader would get it.
        text: The text part, likewise.
        weight: Of the whole message, in bytes, near enough: building it to count takes longer than the render.
    """

    proof: Proof
    at: datetime
    html: str
    text: str
    weight: int

    @classmethod
    def of(cls, proof: Proof, at: datetime) -> "Good":
        """Fill in what differs from reader to reader, and weigh the message."""
        issue, publication, letter = proof.issue, proof.publication, proof.letter
        values = {"unsubscribe": sample_envelope(issue, publication, "preview").way_out}
        html, text = letter.fill_html(values), letter.fill_text(values)
        weight = HEADERS + sum(len(b2a_qp(part.encode(), istext=True)) for part in (html, text))
        if letter.embedded:
            weight += sum(HEADERS // 4 + int(len(picture.data) / 3 * BASE64) for picture in letter.attachments)
        return cls(proof, at, html, text, weight)

    @cached_property
    def digest(self) -> str:
        """Changes when a reader would see something else."""
        letter = self.proof.letter
        seen = [letter.subject, letter.preheader, self.proof.publication.sender.name, self.html, self.text]
        return hashlib.sha256("\0".join([*seen, *self.pictures]).encode()).hexdigest()[:16]

    @cached_property
    def pictures(self) -> Mapping[str, Attachment]:
        """By the name in their address."""
        return {picture.name: picture for picture in self.proof.letter.attachments}


@dataclass(frozen=True, slots=True)
class Shown:
    """One state of the preview; the next save makes another.

    Attributes:
        stamp: Unlike that of any other state, of this process or of the one before.
        at: When the files were read.
        findings: What is to be said of the files as they are now.
        good: The last good render, from this state or from an earlier one; None before the first.
        is_blocked: Whether a finding stood in the way, so that `good` is older than the files.
    """

    stamp: str
    at: datetime
    findings: tuple[Finding, ...] = ()
    good: Good | None = None
    is_blocked: bool = False

    def same_as(self, other: "Shown") -> bool:
        """Whether a person would see no difference, the hour apart."""
        mine, theirs = (one.good.digest if one.good else "" for one in (self, other))
        return (self.findings, self.is_blocked, mine) == (other.findings, other.is_blocked, theirs)


@dataclass
class Preview:
    """An issue under preview."""

    folder: IssueFolder
    workspace: Workspace
    settings: Settings
    lang: str
    """What the page speaks."""
    shown: Shown = field(init=False)
    is_closed: bool = field(default=False, init=False)
    _next: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self) -> None:
        self.shown = Shown(secrets.token_hex(8), clock.now())

    def render(self) -> Shown:
        """The state that the files give now. Nothing that a file holds makes this raise."""
        speak(self.lang)
        now = clock.now()
        before = replace(self.shown, stamp=secrets.token_hex(8), at=now)
        try:
            good = Good.of(workflow.proof(self.folder, self.workspace, self.settings), now)
        except Blocked as blocked:
            return replace(before, findings=tuple(blocked.findings), is_blocked=True)
        except PvdError as error:
            found = Finding("preview", Severity.BLOCKING, str(error), error.hint)
        except Exception as error:  # noqa: BLE001 - the last net: the server outlives whatever a save brings
            found = Finding(
                "preview",
                Severity.BLOCKING,
                _("this is a fault of the program: {kind}").format(kind=type(error).__name__),
                _("Undo the last change, and send the file to the developers."),
            )
        else:
            return replace(before, findings=good.proof.findings, good=good, is_blocked=False)
        return replace(before, findings=(found,), is_blocked=True)

    def publish(self, shown: Shown) -> None:
        """Make `shown` the present state, and wake who waits for it. In the event loop's thread only."""
        self.shown = shown
        self._wake()

    def close(self) -> None:
        """Let everybody who waits go."""
        self.is_closed = True
        self._wake()

    def _wake(self) -> None:
        woken, self._next = self._next, asyncio.Event()
        woken.set()

    async def after(self, stamp: str | None, patience: float) -> Shown | None:
        """The first state that is not `stamp`; None when `patience` seconds brought none."""
        if self.shown.stamp == stamp and not self.is_closed:
            try:
                await asyncio.wait_for(self._next.wait(), patience)
            except TimeoutError:
                return None
        return None if self.is_closed or self.shown.stamp == stamp else self.shown
