"""`sent.json`, beside the issue: that it was sent, in a place that a lost or restored database cannot take along.

It holds counts and digests, and no address. It tells of a call before that call leaves (`recorder`), and only grows:
what it tells of a dispatch can be brought up to date, and never dropped. A database that knows less than it is
another one, or an older copy; no command changes a dispatch of the issue there, but `reconcile`. All who write it hold
the sender's lock.
"""

import json
import os
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pvd_mailer.database.states import RecipientState
from pvd_mailer.errors import PvdError, os_error_reason
from pvd_mailer.i18n import _
from pvd_mailer.journal import Dispatch, DispatchTotals

__all__ = [
    "SENT_FILE",
    "ForeignSendError",
    "SentDispatch",
    "SentFile",
    "SentFileEntry",
    "SentFileError",
    "SentFileUnwritableError",
    "check_sent_file",
    "read_sent_file",
    "require_same_issue",
    "write_sent_file",
]

SENT_FILE = "sent.json"
MAX_SENT_FILE_BYTES = 10_000_000
"""Bytes; a dispatch takes some 700."""
MOST_CALLS = 2**31 - 1
"""What a database can count."""


class ForeignSendError(PvdError):
    """This issue was sent, and the journal at hand does not know of it."""

    exit_code = 1


class SentFileError(PvdError):
    """What was asked for is done; the record beside the issue could not be written."""

    def __init__(self, cause: str) -> None:
        self.why = cause
        super().__init__(
            _("what you asked for is done, but {file} could not be written beside the issue: {reason}").format(
                file=SENT_FILE, reason=cause
            ),
            _("Put the issue's folder back, or let it be written; the next command on this dispatch writes it."),
        )


class SentFileUnwritableError(PvdError):
    """The record beside the issue cannot be written, and so nothing more leaves."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            _("nothing more leaves: {file} cannot be written beside the issue: {reason}").format(
                file=SENT_FILE, reason=cause
            ),
            _("Make room on the disk, or let the file be written; then run the same command again: nothing is lost."),
        )


@dataclass(frozen=True, slots=True)
class SentDispatch:
    """A dispatch with its account."""

    dispatch: Dispatch
    totals: DispatchTotals

    def as_json(self) -> dict[str, Any]:
        """What the record says of it."""
        dispatch = self.dispatch
        return {
            "dispatch": dispatch.id,
            "letter": dispatch.letter,
            "audience": dispatch.approval.audience_digest,
            "channel": dispatch.approval.channel,
            "approved_at": dispatch.approved_at.isoformat(),
            "started_at": dispatch.started_at.isoformat() if dispatch.started_at else None,
            "ended_at": dispatch.ended_at.isoformat() if dispatch.ended_at else None,
            "state": str(dispatch.state),
            "recipients": self.totals.audience,
            "calls": dispatch.calls,
            "counts": {str(state): self.totals.states[state] for state in RecipientState},
        }


@dataclass(frozen=True, slots=True)
class SentFileEntry:
    """What the record says of one dispatch.

    Attributes:
        calls: So many of its calls may have left.
        data: All that is said, as it stands in the file.
    """

    dispatch_id: str
    calls: int
    data: dict[str, Any]

    @property
    def counts(self) -> tuple[int, int]:
        """How many recipients it had, and how many had been accepted when this was written; 0 where it does not say."""
        counts = self.data.get("counts")
        accepted = counts.get(str(RecipientState.ACCEPTED)) if isinstance(counts, dict) else None
        numbers = (self.data.get("recipients"), accepted)
        return tuple(number if isinstance(number, int) and number >= 0 else 0 for number in numbers)  # type: ignore[return-value] # two


@dataclass(frozen=True, slots=True)
class SentFile:
    """What the record says, in its order.

    Attributes:
        number: Whose it is: that of the issue that it was written beside; None where it does not say.
    """

    publication: str
    number: int | None
    entries: tuple[SentFileEntry, ...] = field(default=())


def read_sent_file(folder: Path) -> SentFile | None:
    """The record in the issue's folder; None where there is none.

    Raises:
        ForeignSendError: it cannot be read, or is no record.
    """
    file = folder / SENT_FILE
    try:
        if file.exists() and not file.is_file():  # a pipe would keep us waiting
            raise _unreadable_error(_("it is not a file"))
        with file.open("rb") as source:
            data = source.read(MAX_SENT_FILE_BYTES + 1)
        if len(data) > MAX_SENT_FILE_BYTES:
            raise _unreadable_error(_("it is too large"))
        return _parse(json.loads(data.decode("utf-8")))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise _unreadable_error(_("it is not text")) from error
    except OSError as error:
        raise _unreadable_error(os_error_reason(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _unreadable_error(_("it is not a record of sends")) from error


def _parse(data: dict[str, Any]) -> SentFile:
    json.dumps(data, ensure_ascii=False).encode()  # what cannot be written again is nothing that we wrote
    entries = tuple(
        SentFileEntry(_parse_dispatch_id(entry["dispatch"]), _parse_count(entry["calls"]), entry)
        for entry in data["dispatches"]
    )
    number = data.get("number")
    return SentFile(str(data.get("publication", "")), number if isinstance(number, int) else None, entries)


def _parse_dispatch_id(value: object) -> str:
    dispatch_id = str(value)
    if not re.fullmatch(r"[0-9]{3,6}-[0-9a-f]{6}", dispatch_id):  # as `dispatches.new_id` makes them
        raise ValueError
    return dispatch_id


def _parse_count(value: object) -> int:
    if not isinstance(value, int) or not 0 <= value <= MOST_CALLS:
        raise ValueError
    return value


def check_sent_file(folder: Path, number: int, dispatches: Collection[Dispatch]) -> SentFile | None:
    """Hold the record of issue `number`, where there is one, against the dispatches that the journal has of it.

    Returns:
        The record.

    Raises:
        ForeignSendError: it tells of more than the journal knows, is another issue's, or cannot be read.
    """
    sent_file = read_sent_file(folder)
    if sent_file is not None:
        _check(sent_file, number, dispatches)
    return sent_file


def require_same_issue(sent_file: SentFile, number: int) -> None:
    """See that the record is that of issue `number`.

    Raises:
        ForeignSendError: it is another issue's.
    """
    if sent_file.number not in {None, number}:
        raise ForeignSendError(
            _("{file} in the folder of issue {number} is that of issue {other}").format(
                file=SENT_FILE, number=number, other=sent_file.number
            ),
            _("It was copied along with the folder. Put it back where it belongs, or remove it here."),
        )


def _check(sent_file: SentFile, number: int, dispatches: Collection[Dispatch]) -> None:
    require_same_issue(sent_file, number)
    # By the calls and not by the counts: who was refused or unknown may be pending again since, on a person's word.
    calls_by_id = {dispatch.id: dispatch.calls for dispatch in dispatches}
    for entry in sent_file.entries:
        if calls_by_id.get(entry.dispatch_id, -1) < entry.calls:
            raise ForeignSendError(
                _("{file} tells of more than the database knows: dispatch {id} of this issue has gone on").format(
                    file=SENT_FILE, id=entry.dispatch_id
                ),
                _(
                    "The database is another one, or an older copy. If there is a newer one, use that. If not: "
                    "`pvd-mailer reconcile {number}` sends nothing, and calls unknown whoever may have the letter."
                ).format(number=number),
            )


def write_sent_file(
    folder: Path, publication: str, number: int, dispatches: Collection[Dispatch], started: Iterable[SentDispatch]
) -> None:
    """Bring the record in the issue's folder up to date, whole or not at all. Only for who holds the sender's lock.

    What it tells of other dispatches stays.

    Args:
        folder: The issue's.
        publication: Whose issue it is.
        number: The issue's.
        dispatches: All the dispatches that the journal has of it.
        started: Those that have begun.

    Raises:
        ForeignSendError: it tells of more than the journal knows; it is left as it is.
        OSError: it cannot be written.
    """
    old_file = check_sent_file(folder, number, dispatches)
    old_entries = {file_entry.dispatch_id: file_entry for file_entry in old_file.entries} if old_file else {}
    sent_dispatches = list(started)
    # Of a dispatch that the journal has from the record alone, the record knows more.
    lost_ids = {
        sent_dispatch.dispatch.id for sent_dispatch in sent_dispatches if sent_dispatch.dispatch.approval.from_record
    }
    new_entries = [sent_dispatch.as_json() for sent_dispatch in sent_dispatches]
    for entry in new_entries:
        old_entry = old_entries.pop(entry["dispatch"], None)
        entry["calls"] = max(entry["calls"], old_entry.calls if old_entry else 0)
        if old_entry and entry["dispatch"] in lost_ids:
            entry.update(old_entry.data)
    owner = old_file.publication if old_file and old_file.publication else publication
    _write_new(
        folder / SENT_FILE,
        {"publication": owner, "number": number},
        [*new_entries, *(kept_entry.data for kept_entry in old_entries.values())],
    )


def _write_new(file: Path, head: dict[str, Any], entries: Sequence[dict[str, Any]]) -> None:
    new_file = file.with_name(f".{file.name}.new")
    # A new file each time: a process that was killed or stands still has the old one, and may go on writing into it.
    new_file.unlink(missing_ok=True)
    with new_file.open("x", encoding="utf-8") as target:
        target.write(json.dumps(head | {"dispatches": entries}, ensure_ascii=False, indent=2) + "\n")
        target.flush()
        os.fsync(target.fileno())
    new_file.replace(file)
    if os.name == "posix":  # elsewhere a folder cannot be opened; the name itself may be lost with the power
        handle = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unreadable_error(explanation: str) -> ForeignSendError:
    return ForeignSendError(
        _("{file} cannot be read: {reason}").format(file=SENT_FILE, reason=explanation),
        _("It tells whether this issue was sent. Bring it back from a copy, or look at `pvd-mailer status`."),
    )
