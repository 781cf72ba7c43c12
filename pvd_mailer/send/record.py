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

from pvd_mailer.database.states import State
from pvd_mailer.errors import PvdError, reason
from pvd_mailer.i18n import _
from pvd_mailer.journal import Account, Dispatch

__all__ = [
    "RECORD",
    "ForeignSendError",
    "Record",
    "RecordError",
    "Sent",
    "Told",
    "UnrecordedError",
    "compare",
    "read_record",
    "require_own",
    "write_record",
]

RECORD = "sent.json"
LARGEST = 10_000_000
"""Bytes; a dispatch takes some 700."""
MOST_CALLS = 2**31 - 1
"""What a database can count."""


class ForeignSendError(PvdError):
    """This issue was sent, and the journal at hand does not know of it."""

    exit_code = 1


class RecordError(PvdError):
    """What was asked for is done; the record beside the issue could not be written."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            _("what you asked for is done, but {file} could not be written beside the issue: {reason}").format(
                file=RECORD, reason=why
            ),
            _("Put the issue's folder back, or let it be written; the next command on this dispatch writes it."),
        )


class UnrecordedError(PvdError):
    """The record beside the issue cannot be written, and so nothing more leaves."""

    def __init__(self, why: str) -> None:
        super().__init__(
            _("nothing more leaves: {file} cannot be written beside the issue: {reason}").format(
                file=RECORD, reason=why
            ),
            _("Make room on the disk, or let the file be written; then run the same command again: nothing is lost."),
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A dispatch with its account."""

    dispatch: Dispatch
    account: Account

    def as_json(self) -> dict[str, Any]:
        """What the record says of it."""
        one = self.dispatch
        return {
            "dispatch": one.id,
            "letter": one.letter,
            "audience": one.seal.audience_digest,
            "channel": one.seal.channel,
            "approved_at": one.approved_at.isoformat(),
            "started_at": one.started_at.isoformat() if one.started_at else None,
            "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            "state": str(one.state),
            "recipients": self.account.audience,
            "calls": one.calls,
            "counts": {str(state): self.account.states[state] for state in State},
        }


@dataclass(frozen=True, slots=True)
class Told:
    """What the record says of one dispatch.

    Attributes:
        calls: So many of its calls may have left.
        entry: All that is said, as it stands in the file.
    """

    dispatch: str
    calls: int
    entry: dict[str, Any]

    @property
    def counts(self) -> tuple[int, int]:
        """How many recipients it had, and how many had been accepted when this was written; 0 where it does not say."""
        counts = self.entry.get("counts")
        accepted = counts.get(str(State.ACCEPTED)) if isinstance(counts, dict) else None
        said = (self.entry.get("recipients"), accepted)
        return tuple(one if isinstance(one, int) and one >= 0 else 0 for one in said)  # type: ignore[return-value] # two


@dataclass(frozen=True, slots=True)
class Record:
    """What the record says, in its order.

    Attributes:
        number: Whose it is: that of the issue that it was written beside; None where it does not say.
    """

    publication: str
    number: int | None
    dispatches: tuple[Told, ...] = field(default=())


def read_record(folder: Path) -> Record | None:
    """The record in the issue's folder; None where there is none.

    Raises:
        ForeignSendError: it cannot be read, or is no record.
    """
    file = folder / RECORD
    try:
        if file.exists() and not file.is_file():  # a pipe would keep us waiting
            raise _unreadable(_("it is not a file"))
        with file.open("rb") as source:
            data = source.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise _unreadable(_("it is too large"))
        return _record(json.loads(data.decode("utf-8")))
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise _unreadable(_("it is not text")) from error
    except OSError as error:
        raise _unreadable(reason(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _unreadable(_("it is not a record of sends")) from error


def _record(said: dict[str, Any]) -> Record:
    json.dumps(said, ensure_ascii=False).encode()  # what cannot be written again is nothing that we wrote
    told = tuple(Told(_id(one["dispatch"]), _count(one["calls"]), one) for one in said["dispatches"])
    number = said.get("number")
    return Record(str(said.get("publication", "")), number if isinstance(number, int) else None, told)


def _id(said: object) -> str:
    name = str(said)
    if not re.fullmatch(r"[0-9]{3,6}-[0-9a-f]{6}", name):  # as `dispatches.new_id` makes them
        raise ValueError
    return name


def _count(said: object) -> int:
    if not isinstance(said, int) or not 0 <= said <= MOST_CALLS:
        raise ValueError
    return said


def compare(folder: Path, number: int, known: Collection[Dispatch]) -> Record | None:
    """Hold the record of issue `number`, where there is one, against the dispatches that the journal has of it.

    Returns:
        The record.

    Raises:
        ForeignSendError: it tells of more than the journal knows, is another issue's, or cannot be read.
    """
    record = read_record(folder)
    if record is not None:
        _compare(record, number, known)
    return record


def require_own(record: Record, number: int) -> None:
    """See that the record is that of issue `number`.

    Raises:
        ForeignSendError: it is another issue's.
    """
    if record.number not in {None, number}:
        raise ForeignSendError(
            _("{file} in the folder of issue {number} is that of issue {other}").format(
                file=RECORD, number=number, other=record.number
            ),
            _("It was copied along with the folder. Put it back where it belongs, or remove it here."),
        )


def _compare(record: Record, number: int, known: Collection[Dispatch]) -> None:
    require_own(record, number)
    # By the calls and not by the counts: who was refused or unknown may be pending again since, on a person's word.
    have = {one.id: one.calls for one in known}
    for told in record.dispatches:
        if have.get(told.dispatch, -1) < told.calls:
            raise ForeignSendError(
                _("{file} tells of more than the database knows: dispatch {id} of this issue has gone on").format(
                    file=RECORD, id=told.dispatch
                ),
                _(
                    "The database is another one, or an older copy. If there is a newer one, use that. If not: "
                    "`pvd-mailer reconcile {number}` sends nothing, and calls unknown whoever may have the letter."
                ).format(number=number),
            )


def write_record(
    folder: Path, publication: str, number: int, known: Collection[Dispatch], sends: Iterable[Sent]
) -> None:
    """Bring the record in the issue's folder up to date, whole or not at all. Only for who holds the sender's lock.

    What it tells of other dispatches stays.

    Args:
        folder: The issue's.
        publication: Whose issue it is.
        number: The issue's.
        known: All the dispatches that the journal has of it.
        sends: Those that have begun.

    Raises:
        ForeignSendError: it tells of more than the journal knows; it is left as it is.
        OSError: it cannot be written.
    """
    before = compare(folder, number, known)
    told = {one.dispatch: one for one in before.dispatches} if before else {}
    sent = list(sends)
    # Of a dispatch that the journal has from the record alone, the record knows more.
    lost = {one.dispatch.id for one in sent if one.dispatch.seal.from_record}
    now = [one.as_json() for one in sent]
    for entry in now:
        old = told.pop(entry["dispatch"], None)
        entry["calls"] = max(entry["calls"], old.calls if old else 0)
        if old and entry["dispatch"] in lost:
            entry.update(old.entry)
    owner = before.publication if before and before.publication else publication
    _replace(folder / RECORD, {"publication": owner, "number": number}, [*now, *(one.entry for one in told.values())])


def _replace(file: Path, head: dict[str, Any], entries: Sequence[dict[str, Any]]) -> None:
    waiting = file.with_name(f".{file.name}.new")
    # A new file each time: a process that was killed or stands still has the old one, and may go on writing into it.
    waiting.unlink(missing_ok=True)
    with waiting.open("x", encoding="utf-8") as target:
        target.write(json.dumps(head | {"dispatches": entries}, ensure_ascii=False, indent=2) + "\n")
        target.flush()
        os.fsync(target.fileno())
    waiting.replace(file)
    if os.name == "posix":  # elsewhere a folder cannot be opened; the name itself may be lost with the power
        handle = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _unreadable(why: str) -> ForeignSendError:
    return ForeignSendError(
        _("{file} cannot be read: {reason}").format(file=RECORD, reason=why),
        _("It tells whether this issue was sent. Bring it back from a copy, or look at `pvd-mailer status`."),
    )
