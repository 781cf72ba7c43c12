"""Makes the report of an issue, out of one state of the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pvd_mailer.database import Database
from pvd_mailer.database.states import DispatchState, EventKind
from pvd_mailer.journal import Account, Dispatch, account, dispatches
from pvd_mailer.journal.fates import Fate, Fates
from pvd_mailer.journal.question import Question
from pvd_mailer.journal.reactions import Reactions
from pvd_mailer.observe.periods import LAST_HOUR, periods
from pvd_mailer.observe.reasons import fold
from pvd_mailer.observe.report import LEAST, Domain, Outcome, Peer, Report

__all__ = ["Look", "look_at"]

DOMAINS = 15
PEERS = 5
SETTLED = timedelta(days=31)
"""After this, earlier issues are counted to the end and not at the same age."""
_BEGUN = (DispatchState.RUNNING, DispatchState.PAUSED, DispatchState.FINISHED, DispatchState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Look:
    """An issue at one moment.

    Attributes:
        sends: Its dispatches with their accounts, the newest first; rehearsals and void approvals too.
        report: None where no send of it is, or will be, a real one.
    """

    sends: tuple[tuple[Dispatch, Account], ...]
    report: Report | None


def look_at(database: Database, number: int, now: datetime) -> Look:
    """The issue with that number, whatever is written meanwhile.

    Raises:
        DatabaseError: the database cannot be read.
    """
    with database.read() as connection:
        sends = tuple((one, account(connection, one.id)) for one in dispatches.of_issue(connection, number))
        real = [one for one, _account in sends if not one.seal.rehearsal and one.state is not DispatchState.VOID]
        if not real:
            return Look(sends, None)
        begun = dispatches.by_state(connection, _BEGUN)
        return Look(sends, _report(Question(connection, [one.id for one in real]), real, begun, now))


def _report(asked: Question, real: Sequence[Dispatch], begun: Sequence[Dispatch], now: datetime) -> Report:
    fates, reactions = _ask(asked)
    began = min((one.started_at for one in real if one.started_at), default=None)
    outcome = _outcome(asked)
    age = now - began if began and timedelta(0) <= now - began < SETTLED else None
    return Report(
        number=real[0].number,
        publication=real[0].publication,
        zone=real[0].seal.zone,
        dispatches=tuple(asked.dispatch_ids),
        made_at=now,
        started_at=began,
        states=fates.states(),
        outcome=outcome,
        reasons=fold(fates.reasons()),
        domains=_domains(fates, reactions, outcome),
        periods=periods(began, fates.by_hour(began, LAST_HOUR), reactions.by_hour(began, LAST_HOUR)) if began else (),
        sources=tuple(reactions.sources()),
        aside=fates.aside(),
        peers=_peers(asked, real[0], begun, began, age) if began else (),
        peers_age=age,
    )


def _ask(asked: Question) -> tuple[Fates, Reactions]:
    about = (asked.connection, asked.dispatch_ids, asked.until)
    return Fates(*about), Reactions(*about)


def _outcome(asked: Question) -> Outcome:
    fates, reactions = _ask(asked)
    left, undone = reactions.unsubscriptions()
    return Outcome(fates.totals(), reactions.complaints(), left, undone)


def _domains(fates: Fates, reactions: Reactions, whole: Outcome) -> tuple[Domain, ...]:
    """The domains that may be named, and the others in one; they add up to the whole."""
    named = dict(fates.by_domain(LEAST, DOMAINS))
    did: Counter[tuple[EventKind, str]] = Counter()
    for kind, name, count in reactions.by_domain():
        if name in named:
            did[kind, name] += count
    listed = [
        Domain(name, Outcome(met, did[EventKind.COMPLAINED, name], did[EventKind.UNSUBSCRIBED, name], 0))
        for name, met in named.items()
    ]
    rest = Outcome(
        Counter({fate: whole.fates[fate] - sum(met[fate] for met in named.values()) for fate in Fate}),
        whole.complaints - sum(one.outcome.complaints for one in listed),
        whole.unsubscribes - sum(one.outcome.unsubscribes for one in listed),
        0,
    )
    others = [Domain(None, rest)] if rest.accepted or rest.complaints or rest.unsubscribes else []
    return (*listed, *others)


def _peers(
    asked: Question, this: Dispatch, begun: Sequence[Dispatch], began: datetime, age: timedelta | None
) -> tuple[Peer, ...]:
    """The last issues of the same publication that began before this one, each as it stood at the same age."""
    starts: dict[int, datetime] = {}
    ids: dict[int, list[str]] = {}
    for one in begun:
        is_other = one.publication == this.publication and one.number != this.number
        if is_other and not one.seal.rehearsal and one.started_at:  # else it was called off before it began
            starts[one.number] = min(starts.get(one.number, one.started_at), one.started_at)
            ids.setdefault(one.number, []).append(one.id)
    earlier = sorted((number for number in starts if starts[number] < began), key=lambda one: starts[one], reverse=True)
    found = []
    for number in earlier[:PEERS]:
        until = starts[number] + age if age is not None else None
        found.append(Peer(number, starts[number], _outcome(Question(asked.connection, ids[number], until))))
    return tuple(found)
