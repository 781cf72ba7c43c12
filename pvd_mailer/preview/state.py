"""What the preview shows at this moment, and who waits for the next."""

import asyncio
import hashlib
import secrets
import threading
from binascii import b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from pvd_mailer import clock
from pvd_mailer.check import RULES, Rule
from pvd_mailer.errors import BlockedError, PvdError
from pvd_mailer.findings import Finding, Severity
from pvd_mailer.i18n import _, set_language
from pvd_mailer.letter import Attachment
from pvd_mailer.send.sample import sample_envelope
from pvd_mailer.services import proofs
from pvd_mailer.services.proofs import CheckedLetter, RenderedIssue
from pvd_mailer.settings import Settings
from pvd_mailer.workspace import IssueFolder, Workspace

__all__ = ["GoodRender", "Preview", "PreviewState"]


class _SupersededError(Exception):
    """A newer save made a check needless."""


_HEADER_BYTES = 1200
"""Bytes of a message's headers, about."""
_BASE64_FACTOR = 4 * 78 / 76
"""What three bytes of a picture become, line ends included."""


@dataclass(frozen=True)
class GoodRender:
    """A render that nothing stood in the way of.

    Attributes:
        checked: The issue and its letter.
        rendered_at: When it was rendered.
        html: The HTML part as one reader would get it.
        text: The text part, likewise.
        message_size: Of the whole message, in bytes, near enough: building it to count takes longer than the render.
    """

    checked: CheckedLetter
    rendered_at: datetime
    html: str
    text: str
    message_size: int

    @classmethod
    def from_checked(cls, checked: CheckedLetter, rendered_at: datetime) -> "GoodRender":
        """Fill in what differs from reader to reader, and weigh the message."""
        issue, publication, letter = checked.issue, checked.publication, checked.letter
        values = {"unsubscribe": sample_envelope(issue, publication, "preview").unsubscribe_url}
        html, text = letter.fill_html(values), letter.fill_text(values)
        message_size = _HEADER_BYTES + sum(len(b2a_qp(part.encode(), istext=True)) for part in (html, text))
        if letter.embedded:
            message_size += sum(
                _HEADER_BYTES // 4 + int(len(picture.data) / 3 * _BASE64_FACTOR) for picture in letter.attachments
            )
        return cls(checked, rendered_at, html, text, message_size)

    @cached_property
    def digest(self) -> str:
        """Changes when a reader would see something else."""
        letter = self.checked.letter
        visible = [letter.subject, letter.preheader, self.checked.publication.sender.name, self.html, self.text]
        return hashlib.sha256("\0".join([*visible, *self.pictures]).encode()).hexdigest()[:16]

    @cached_property
    def pictures(self) -> Mapping[str, Attachment]:
        """By the name in their address."""
        return {picture.name: picture for picture in self.checked.letter.attachments}


@dataclass(frozen=True, slots=True)
class PreviewState:
    """One state of the preview; the next save makes another.

    Attributes:
        version: Unlike that of any other state, of this process or of the one before.
        read_at: When the files were read.
        findings: What is to be said of the files as they are now.
        revision: Counts the saves that were rendered. A letter and its findings are two states of one revision.
        findings_revision: The revision that `findings` are of: an earlier one while the letter is being checked.
        last_good: The last good render, from this state or from an earlier one; None before the first.
        checked_render: The render that `findings` are of, to lead from them into it.
        to_check: The letter that the proofreader has still to read; None once it has.
        is_blocked: Whether a finding stood in the way, so that `last_good` is older than the files.
    """

    version: str
    read_at: datetime
    revision: int = 0
    findings: tuple[Finding, ...] = ()
    findings_revision: int = 0
    last_good: GoodRender | None = None
    checked_render: GoodRender | None = None
    is_blocked: bool = False
    to_check: RenderedIssue | None = None

    @property
    def is_being_checked(self) -> bool:
        """Whether `findings` are those of an earlier letter, as the proofreader reads the present one."""
        return self.to_check is not None

    def looks_like(self, other: "PreviewState") -> bool:
        """Whether a person would see no difference, the hour apart."""
        mine, theirs = (state.last_good.digest if state.last_good else "" for state in (self, other))
        return (self.findings, self.is_blocked, mine) == (other.findings, other.is_blocked, theirs)


@dataclass
class Preview:
    """An issue under preview."""

    folder: IssueFolder
    workspace: Workspace
    settings: Settings
    lang: str
    """What the page speaks."""
    rules: Sequence[Rule] = RULES
    """What the proofreader looks for."""
    state: PreviewState = field(init=False)
    is_closed: bool = field(default=False, init=False)
    _next_state: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self) -> None:
        self.state = PreviewState(secrets.token_hex(8), clock.now())

    def render(self) -> PreviewState:
        """The state that the files give now, its letter proofread. Nothing that a file holds makes this raise."""
        return self.check(self.render_letter()) or self.state

    def render_letter(self) -> PreviewState:
        """The state that the files give now, its letter unchecked. Nothing that a file holds makes this raise."""
        set_language(self.lang)
        now = clock.now()
        revision = self.state.revision + 1
        previous = replace(
            self.state, version=secrets.token_hex(8), read_at=now, revision=revision, to_check=None, is_blocked=True
        )
        try:
            rendered = proofs.render_issue(self.folder, self.workspace, self.settings)
            good = GoodRender.from_checked(rendered.unchecked, now)
        except BlockedError as blocked:
            findings = tuple(blocked.findings)
        except PvdError as error:
            findings = (Finding("preview", Severity.BLOCKING, str(error), error.hint),)
        except Exception as error:  # noqa: BLE001 - the last net: the server outlives whatever a save brings
            findings = (_program_fault(error),)
        else:
            state = replace(previous, last_good=good, is_blocked=False, to_check=rendered)
            # What stood in the way of an earlier letter does not stand in the way of this one.
            return replace(state, findings=(), checked_render=good) if self.state.is_blocked else state
        return replace(previous, findings=findings, findings_revision=revision, checked_render=previous.last_good)

    def check(self, state: PreviewState, superseded: threading.Event | None = None) -> PreviewState | None:
        """`state` with the findings of its letter; None where `superseded` was set before the last rule had begun.

        Nothing that a rule does makes this raise.
        """
        if state.to_check is None:
            return state
        set_language(self.lang)

        def stop_if_superseded() -> None:
            if superseded is not None and superseded.is_set():
                raise _SupersededError

        try:
            checked = state.to_check.check(self.workspace, rules=self.rules, before_rule=stop_if_superseded)
            findings = checked.findings
        except _SupersededError:
            return None
        except Exception as error:  # noqa: BLE001 - the last net, as above
            findings = (_program_fault(error),)
        return replace(
            state,
            version=secrets.token_hex(8),
            findings=findings,
            findings_revision=state.revision,
            checked_render=state.last_good,
            to_check=None,
        )

    def publish(self, state: PreviewState) -> None:
        """Make `state` the present state, and wake who waits for it. In the event loop's thread only."""
        self.state = state
        self._wake()

    def close(self) -> None:
        """Let everybody who waits go."""
        self.is_closed = True
        self._wake()

    def _wake(self) -> None:
        event, self._next_state = self._next_state, asyncio.Event()
        event.set()

    async def wait_for_next(self, version: str | None, max_seconds: float) -> PreviewState | None:
        """The first state that is not `version`; None when `max_seconds` seconds brought none."""
        if self.state.version == version and not self.is_closed:
            try:
                await asyncio.wait_for(self._next_state.wait(), max_seconds)
            except TimeoutError:
                return None
        return None if self.is_closed or self.state.version == version else self.state


def _program_fault(error: Exception) -> Finding:
    return Finding(
        "preview",
        Severity.BLOCKING,
        _("this is a fault of the program: {kind}").format(kind=type(error).__name__),
        _("Undo the last change, and send the file to the developers."),
    )
