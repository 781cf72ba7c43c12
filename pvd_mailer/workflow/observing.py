"""Observing: what providers and mailboxes tell is taken in, and the record beside an issue follows."""

import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from pvd_mailer import clock
from pvd_mailer.database.binding import recall, remember
from pvd_mailer.database.states import DispatchState
from pvd_mailer.journal import dispatches
from pvd_mailer.observe import Event, Taken, take_in
from pvd_mailer.observe.intake import who_is_it
from pvd_mailer.observe.mailbox import Mailbox
from pvd_mailer.observe.mails import Why, read_mail
from pvd_mailer.observe.sendgrid import LISTS, Reading, read_call, read_list
from pvd_mailer.send.channels.choice import open_sendgrid
from pvd_mailer.send.record import ForeignSendError, RecordError
from pvd_mailer.workflow.office import Office
from pvd_mailer.workflow.recording import keep_record

__all__ = ["Synced", "SyncedMail", "sync_lists", "sync_mailbox", "take_call"]

OVERLAP = timedelta(days=2)
"""A list is asked again for the days before the last time: an entry may appear in it late."""
MAILS = 200
"""Mails taken in at once."""
_FACT = "sync-sendgrid"


@dataclass(slots=True)
class Synced:
    """What SendGrid's lists told.

    Attributes:
        entries: By list, how many were understood.
        odd: How many others were not.
        since: From when on; None for all there is.
    """

    since: str | None = None
    entries: Counter[str] = field(default_factory=Counter)
    odd: int = 0
    taken: Taken = field(default_factory=Taken)


@dataclass(slots=True)
class SyncedMail:
    """What the mails of a Maildir told.

    Attributes:
        bounces: Mails that say that a letter did not arrive, or arrives late.
        arrivals: Mails that say that a letter did arrive, or went on.
        leavers: Mails by which somebody left.
        unread: The others, which a person has to read, by why.
    """

    bounces: int = 0
    arrivals: int = 0
    leavers: int = 0
    unread: Counter[Why] = field(default_factory=Counter)
    taken: Taken = field(default_factory=Taken)

    @property
    def understood(self) -> int:
        """How many mails were understood."""
        return self.bounces + self.arrivals + self.leavers

    @property
    def total(self) -> int:
        """How many mails were read."""
        return self.understood + self.unread.total()


def take_call(office: Office, body: bytes) -> tuple[Reading, Taken]:
    """Take in what SendGrid's webhook posted, whose signature was verified.

    Raises:
        NotEventsError: it is no array of events.
        DatabaseError: it cannot be written; nothing of it was.
    """
    now = clock.now()
    reading = read_call(body, now, office.keys.trace)
    if not reading.events:
        return reading, Taken()
    taken = take_in(office.database, reading.events, now, soft_bounces=office.settings.soft_bounces)
    _record(office, taken.settled)
    return reading, taken


def sync_lists(office: Office, *, whole: bool = False, tell: Callable[[str], None] = lambda _name: None) -> Synced:
    """Fetch what is new in SendGrid's suppression lists, and take it in.

    Args:
        office: Where, and with which settings.
        whole: Ask for all there is, and not only for what is new since the last time.
        tell: Called with the name of each list before it is asked for.

    Raises:
        WrongUsageError: SendGrid is not set up, or the key may not read the lists.
        ListsError: SendGrid cannot be reached.
        DatabaseError: what it told cannot be written.
    """
    result = Synced()
    end = clock.now()
    with open_sendgrid(office.settings).suppressions() as lists:
        start = 0
        with office.database.read() as connection:
            before = _remembered(recall(connection, _FACT), lists.account)
        if before is not None and not whole:
            start = max(before - int(OVERLAP.total_seconds()), 0)
            result.since = _day(start)
        for name in LISTS:
            tell(name)
            for page in lists.pages(name, start, int(end.timestamp())):
                reading = read_list(name, page, clock.now(), office.keys.trace)
                result.entries[name] += len(reading.events)
                result.odd += reading.left_out.total()
                _take(office, result.taken, reading.events)
        with office.database.write() as connection:
            value = {"account": lists.account, "until": int(end.timestamp())}
            remember(connection, _FACT, json.dumps(value, sort_keys=True))
    return result


def sync_mailbox(office: Office, folder: Path, *, tell: Callable[[int], None] = lambda _count: None) -> SyncedMail:
    """Read the mails that came back into the Maildir `folder`, or by which somebody leaves, and take them in.

    What was understood is put away once it is written down; the rest stays, for a person. Whoever is killed in the
    middle begins again: what was written down and not put away is known.

    Args:
        office: Where, and with which settings.
        folder: The Maildir.
        tell: Called now and then with the number of mails read.

    Raises:
        WrongUsageError: it is no Maildir.
        DatabaseError: what it told cannot be written.
        OSError: a mail cannot be put away.
    """
    box = Mailbox(folder)
    lists = _list_ids(office)
    result = SyncedMail()
    waiting = box.waiting()
    while paths := list(islice(waiting, MAILS)):
        now = clock.now()
        mails = [(path, read_mail(box.read(path), lists, now, office.keys)) for path in paths]
        with office.database.read() as connection:
            mails = [(path, who_is_it(connection, mail)) for path, mail in mails]
        _take(office, result.taken, [event for _path, mail in mails if not mail.why for event in mail.events])
        for path, mail in mails:
            if mail.why:
                result.unread[mail.why] += 1
                continue
            box.put_away(path)
            result.leavers += mail.leaver
            result.arrivals += mail.is_arrival
            result.bounces += not (mail.leaver or mail.is_arrival)
        tell(result.total)
    return result


def _take(office: Office, total: Taken, events: list[Event]) -> None:
    if events:
        taken = take_in(office.database, events, clock.now(), soft_bounces=office.settings.soft_bounces)
        total.add(taken)
        _record(office, taken.settled)


def _record(office: Office, settled: Iterable[str]) -> None:
    """Bring the records beside the issues up to date. Where one cannot be written, the next command on it will."""
    for dispatch_id in settled:
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch_id)
        with suppress(RecordError, ForeignSendError):
            keep_record(office, dispatch)


def _list_ids(office: Office) -> frozenset[str]:
    """Of all letters that were ever approved: somebody may answer an old one."""
    with office.database.read() as connection:
        return frozenset(one.seal.list_id.casefold() for one in dispatches.by_state(connection, tuple(DispatchState)))


def _remembered(said: str | None, account: str) -> int | None:
    """Until when the lists of this account were read; None where they never were."""
    try:
        value = json.loads(said) if said else {}
        return int(value["until"]) if value.get("account") == account else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
