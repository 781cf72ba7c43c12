"""Rounds of a torture: a process that is killed again and again sends to an audience, then all is counted."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import func, insert, select, text, update

from pvd_mailer import clock
from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.schema import batches, recipients, subscribers
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal import count_recipients, dispatches
from pvd_mailer.journal.queries.totals import effective_state
from tests.sendgrid.ledger import read_ledger
from tests.workspace import ROOT, IssueWorkspace, environment

__all__ = ["KEY", "LINES", "SENDGRID_FAULTS", "Mailing", "Tally", "far_side", "torture"]

KEY = "SG.torture.key"
# The mixes leave out what needs a person's hand at each turn (a key that is refused) and stalls of a minute.
SENDGRID_FAULTS = (
    "429,429-after,500,500-accepted,503,302,reset-before,reset-after,reset-accepted,truncated,truncated-headers,"
    "stall,stall-accepted,close,hang-up"
)
SMTP_FAULTS = (
    "mail-451,mail-421,mail-cut,rcpt-550,rcpt-451,rcpt-421,rcpt-cut,data-451,data-421,data-cut,body-554,body-451,"
    "body-cut,body-accepted-cut,body-accepted-close,body-accepted-garbage"
)


@dataclass(frozen=True)
class Mailing:
    """One way of sending, on one database."""

    channel: str
    server: str
    people: int
    batch: int
    lanes: int
    arguments: tuple = ()

    @property
    def name(self):
        return f"{self.channel} on {self.server}"

    @property
    def most_in_flight(self):
        """No more can be claimed and not settled at a time: `lanes` is the channel's own number."""
        return self.batch * self.lanes


_SENDGRID = ("--latency", "0.25", "--patience", "1", "--kinds", SENDGRID_FAULTS)
_SMTP = ("--patience", "1", "--kinds", SMTP_FAULTS)
LINES = (
    Mailing("sendgrid", "SQLite", 3000, 10, 4, _SENDGRID),
    Mailing("sendgrid", "PostgreSQL", 3000, 10, 4, _SENDGRID),
    Mailing("smtp", "SQLite", 1500, 20, 4, _SMTP),
    Mailing("smtp", "PostgreSQL", 1500, 20, 4, _SMTP),
)


@dataclass
class Tally:
    """What a torture came to."""

    line: Mailing
    rounds: int = 0
    kills: int = 0
    kills_in_flight: int = 0
    most_in_flight: int = 0
    states: Counter = field(default_factory=Counter)
    unknown: Counter = field(default_factory=Counter)
    lost_at_kills: int = 0
    """How many recipients were in flight at the kills, added up: no more may be unknown for that cause."""
    twice: int = 0
    lost: int = 0
    untrue: int = 0
    """Accepted says the journal, and the far side does not have it."""
    after_leaving: int = 0
    unbalanced: int = 0
    other_bytes: int = 0
    said: list = field(default_factory=list)

    @property
    def is_clean(self):
        return not (
            self.twice
            or self.lost
            or self.untrue
            or self.after_leaving
            or self.unbalanced
            or self.other_bytes
            or self.unknown["killed"] > self.lost_at_kills
            or self.most_in_flight > self.line.most_in_flight
        )


@contextmanager
def far_side(line, ledger, seed, probability):
    module = "tests.sendgrid" if line.channel == "sendgrid" else "tests.smtpd"
    more = ["--key", KEY] if line.channel == "sendgrid" else []
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", module, "--ledger", ledger, "--seed", str(seed)),
            *("--probability", str(probability), *line.arguments, *more),
        ],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _workspace(root, people, url):
    issue_workspace = IssueWorkspace.start(root)
    file = issue_workspace.own / "publication.yaml"
    # A letter that leaves needs a mailbox to leave by that is no example.
    file.write_text(re.sub(r"(?m)^unsubscribe: .*$", "unsubscribe: leave@list.test", file.read_text("utf-8")), "utf-8")
    now = clock.now()
    database = open_database(url, root / "var" / "pvd-mailer.sqlite")
    prepare_database(database)
    with database.write() as connection:
        connection.execute(
            insert(subscribers),
            [
                {
                    "ref": f"{number:016x}",
                    "address_key": f"reader{number}@town{number % 97}.test",
                    "address": f"reader{number}@town{number % 97}.test",
                    "state": "subscribed",
                    "basis": "consent",
                    "proof_source": "torture",
                    **dict.fromkeys(("proof_at", "created_at", "changed_at", "last_contact_at"), now),
                }
                for number in range(people)
            ],
        )
    return issue_workspace, database


class Round:
    """One audience, from approval to the last recipient."""

    def __init__(self, line, root, url, tally, chance):
        self.line = line
        self.tally = tally
        self.chance = chance
        self.ledger = root / "ledger"
        self.ledger.touch()
        self.issue_workspace, self.database = _workspace(root / "workspace", line.people, url)
        self.environment = {
            "PVD_KEYS": str(root / "keys.json"),
            "PVD_RATE": str(line.batch),  # bounds a batch; each send then goes as fast as it can
        } | ({"PVD_DATABASE_URL": url} if url else {})
        self.left = {}
        self.cut_off = set()

    def run(self, port, kills):
        """Approve, then send and kill up to `kills` times, then let it get through."""
        here = "127.0.0.1"
        if self.line.channel == "sendgrid":
            self.environment |= {"SENDGRID_API_KEY": KEY, "PVD_SENDGRID_URL": f"http://{here}:{port}"}
        else:
            self.environment |= {"PVD_SMTP_URL": f"smtp://{here}:{port}"}
        said = self.issue_workspace.process(
            "approve", "1", "--audience", "all", "--by", "Torture", "--channel", self.line.channel, **self.environment
        )
        assert said.returncode == 0, said.stderr
        done = 0
        for _turn in range(10 * kills + 50):
            dispatch = self._dispatch()
            if dispatch.state is DispatchState.FINISHED:
                break
            if done < kills:
                done += self._send_and_kill(dispatch)
            else:
                self._send(dispatch)
        self._count(self._dispatch())
        return done

    def _dispatch(self):
        with self.database.read() as connection:
            return dispatches.dispatches_of_issue(connection, 1)[0]

    def _command(self, dispatch):
        rate = ("--rate", "1000000")
        if dispatch.state is DispatchState.PAUSED:
            return self.issue_workspace.command("resume", dispatch.id, *rate)
        return self.issue_workspace.command("send", "1", *rate, "--yes")

    def _start(self, dispatch):
        with (self.ledger.parent / "said").open("ab") as log:
            return subprocess.Popen(
                self._command(dispatch),
                cwd=self.issue_workspace.root,
                env=environment(**self.environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _send(self, dispatch):
        assert self._start(dispatch).wait(300) in {0, 4, 5}, (self.ledger.parent / "said").read_text("utf-8")[-3000:]

    def _send_and_kill(self, dispatch):
        """1 if it was killed, 0 if it ended before."""
        process = self._start(dispatch)
        if self.chance.random() < 0.75:  # the others may die before they have sent anything
            self._wait_for_a_message(process)
        try:
            process.wait(self.chance.uniform(0.0, 1.5))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        else:
            assert process.returncode in {0, 4, 5}, (self.ledger.parent / "said").read_text("utf-8")[-3000:]
            return 0
        self._wait_for_the_server()
        tally = self.tally
        tally.kills += 1
        flying = sum(self._in_flight().values())
        tally.kills_in_flight += flying > 0
        tally.lost_at_kills += flying
        tally.most_in_flight = max(tally.most_in_flight, flying)
        self._balance(dispatch.id)
        self._let_somebody_leave(dispatch.id)
        return 1

    def _wait_for_the_server(self):
        """PostgreSQL ends a statement that it was sent, whoever sent it: only then is it known what was cut off."""
        if self.database.is_sqlite:
            return
        others = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND state <> 'idle'"
        )
        until = time.monotonic() + 20
        while time.monotonic() < until:
            with self.database.read() as connection:
                if connection.execute(others).scalar_one() == 0:
                    return
            time.sleep(0.01)
        raise AssertionError("the server still works for a process that was killed")

    def _wait_for_a_message(self, process):
        size = self.ledger.stat().st_size
        until = time.monotonic() + 20
        while self.ledger.stat().st_size == size and process.poll() is None and time.monotonic() < until:
            time.sleep(0.005)

    def _in_flight(self):
        """Recipients by call, of the calls that this kill cut off; an earlier kill's may not be called unknown yet."""
        with self.database.read() as connection:
            calls = dict(
                connection.execute(
                    select(batches.c.call_id, func.count())
                    .select_from(recipients.join(batches, recipients.c.batch_id == batches.c.id))
                    .where(recipients.c.state.is_(None), batches.c.state == RecipientState.SENDING)
                    .group_by(batches.c.call_id)
                ).all()
            )
        new = {call: count for call, count in calls.items() if call not in self.cut_off}
        self.cut_off |= calls.keys()
        return new

    def _balance(self, dispatch_id):
        """The account adds up whenever somebody looks."""
        with self.database.read() as connection:
            told = count_recipients(connection, dispatch_id)
        if told.states.total() != self.line.people:
            self.tally.unbalanced += 1

    def _let_somebody_leave(self, dispatch_id):
        """Nobody sends now: whoever leaves here may not be written to from here on."""
        have = Counter(one["address"] for one in read_ledger(self.ledger))
        with self.database.write() as connection:
            pending = connection.execute(
                select(recipients.c.address_key)
                .select_from(recipients.join(batches, recipients.c.batch_id == batches.c.id))
                .where(recipients.c.dispatch_id == dispatch_id, effective_state == RecipientState.PENDING)
            ).scalars()
            for key in self.chance.sample(list(pending), 3) if self.chance.random() < 0.3 else ():
                connection.execute(
                    update(subscribers).where(subscribers.c.address_key == key).values(state="unsubscribed")
                )
                self.left[key] = have[key]

    def _count(self, dispatch):
        tally, line = self.tally, self.line
        tally.rounds += 1
        lines = read_ledger(self.ledger)
        have = Counter(one["address"] for one in lines)
        with self.database.read() as connection:
            told = count_recipients(connection, dispatch.id)
            states = dict(
                connection.execute(
                    select(recipients.c.address_key, effective_state)
                    .select_from(recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id))
                    .where(recipients.c.dispatch_id == dispatch.id)
                ).all()
            )
        tally.states.update(told.states)
        for (state, cause, _words), count in told.reasons.items():
            if state is RecipientState.UNKNOWN:
                tally.unknown[cause] += count
        tally.twice += sum(count > 1 for count in have.values())
        tally.after_leaving += sum(have[key] > before for key, before in self.left.items())
        tally.untrue += sum(state == RecipientState.ACCEPTED and not have[key] for key, state in states.items())
        # Somebody is lost who has no letter, and of whom the journal does not say that it may be so.
        said = {RecipientState.REFUSED, RecipientState.UNKNOWN, RecipientState.EXCLUDED}
        tally.lost += sum(not have[key] and state not in said for key, state in states.items())
        tally.lost += line.people - len(states)
        # Somebody has the letter of whom the journal says that nothing reached them.
        tally.untrue += sum(
            have[key] > 0 and state in {RecipientState.REFUSED, RecipientState.PENDING} for key, state in states.items()
        )
        tally.unbalanced += told.states.total() != line.people
        tally.other_bytes += len({one["digest"] for one in lines}) > 1 and line.channel == "sendgrid"
        self.database.close()
        if not tally.is_clean:
            tally.said.append(f"{self.ledger.parent}: {json.dumps({str(k): v for k, v in told.states.items()})}")


def torture(line, kills, root, fresh_url, *, seed=0, probability=0.04, people=None):
    """Kill the sender `kills` times on `line`, in as many rounds as that takes.

    Args:
        line: What to torture.
        kills: How many times.
        root: A folder for workspaces and ledgers, one a round.
        fresh_url: Gives the address of an empty database, or None for a file.
        seed: Of the moments and the faults.
        probability: Of a fault, a call.
        people: Another size of the audience than the line's.
    """
    line = replace(line, people=people or line.people)
    chance = random.Random(f"{seed} {line.name}")  # noqa: S311 - chance, not a secret
    tally = Tally(line)
    while tally.kills < kills:
        folder = Path(root) / f"{line.channel}-{line.server}-{tally.rounds}"
        folder.mkdir(parents=True)
        one = Round(line, folder, fresh_url(), tally, chance)
        with far_side(line, one.ledger, chance.randrange(10**9), probability) as port:
            began = time.monotonic()
            done = one.run(port, min(kills - tally.kills, 12))
            assert done or time.monotonic() - began < 600, "no kill came in time"
    return tally
