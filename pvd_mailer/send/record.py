"""`sent.json`, beside the issue: that it was sent, in a place that a lost or restored database cannot take along.

It holds counts and digests, and no address. A send is refused when it tells of one that the journal does not know.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pvd_mailer.database.states import State
from pvd_mailer.errors import PvdError, reason
from pvd_mailer.i18n import _
from pvd_mailer.journal import Account, Dispatch

__all__ = ["RECORD", "ForeignSendError", "RecordError", "Sent", "compare", "write_record"]

RECORD = "sent.json"


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
            "calls": self.account.calls,
            "counts": {str(state): self.account.states[state] for state in State},
        }


def write_record(folder: Path, publication: str, number: int, sends: Iterable[Sent]) -> None:
    """Write the record into the issue's folder, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    said = {"publication": publication, "number": number, "dispatches": [one.as_json() for one in sends]}
    waiting = folder / f".{RECORD}.new"
    with waiting.open("w", encoding="utf-8") as file:
        file.write(json.dumps(said, ensure_ascii=False, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    waiting.replace(folder / RECORD)


def compare(folder: Path, known: Iterable[Sent]) -> None:
    """Hold the record, where there is one, against the journal.

    Raises:
        ForeignSendError: it tells of more than the journal knows, or cannot be read.
    """
    file = folder / RECORD
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else _("it is not text")
        raise _unreadable(file, why) from error
    try:
        told = {str(one["dispatch"]): int(one["calls"]) for one in json.loads(text)["dispatches"]}
    except (ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise _unreadable(file, _("it is not a record of sends")) from error
    # By the calls and not by the counts: who was refused or unknown may be pending again since, on a person's word.
    have = {one.dispatch.id: one.account.calls for one in known if one.dispatch.started_at}
    for dispatch_id, calls in told.items():
        if have.get(dispatch_id, -1) < calls:
            raise ForeignSendError(
                _("{file} says that this issue was sent (dispatch {id}), and the database does not know of it").format(
                    file=file.name, id=dispatch_id
                ),
                _(
                    "The database is another one, or an older copy. Use the right one, or restore its last backup. "
                    "Only if you are sure that nobody has this letter: move {file} away."
                ).format(file=file.name),
            )


def _unreadable(file: Path, why: str) -> ForeignSendError:
    return ForeignSendError(
        _("{file} cannot be read: {reason}").format(file=file.name, reason=why),
        _("It tells whether this issue was sent. Bring it back from a copy, or look at `pvd-mailer status`."),
    )
