"""Rounds of another torture: older databases come back at random moments, and somebody does all that is advised.

A round is one issue with its people. In random order the sender runs, or is killed; copies and backups are made and put
back; people join; and the commands that the program itself has printed last are carried out. Of a person it is asked
what the account asks of one: to look at the provider before a decision on who is unknown. In the end everybody is
brought through, and nobody may have the letter twice.
"""

import contextlib
import io
import os
import random
import re
import shlex
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import select

from pvd_mailer import i18n
from pvd_mailer.cli.main import run as run_cli
from pvd_mailer.database import open_database
from pvd_mailer.database.migrate import prepare_database
from pvd_mailer.database.schema import batches, recipients, subscribers
from pvd_mailer.database.states import RecipientState
from pvd_mailer.journal import dispatches
from pvd_mailer.journal.queries.totals import effective_state
from tests.sendgrid.ledger import read_ledger
from tests.torture.rounds import KEY, SENDGRID_FAULTS, Mailing, far_side
from tests.workspace import IssueWorkspace

__all__ = ["Restores", "restores"]

PEOPLE = 60
BATCH = 4
PROBABILITY = 0.03
_WITH_BATCH = recipients.outerjoin(batches, recipients.c.batch_id == batches.c.id)
_COMMAND = re.compile(r"pvd-mailer ((?:resume|send|resolve|reconcile|status|recipients) [^`\n]*)")
_STALLS = {"stall", "stall-accepted"}
FAULTS = ",".join(kind for kind in SENDGRID_FAULTS.split(",") if kind not in _STALLS)
LINE = Mailing("sendgrid", "", PEOPLE, BATCH, 4, ("--latency", "0.05", "--patience", "1", "--kinds", FAULTS))


@dataclass
class Restores:
    """What the rounds came to."""

    server: str
    rounds: int = 0
    kills: int = 0
    copies_back: int = 0
    restored: int = 0
    refused: int = 0
    """How often a command said that the database is an older one."""
    advised: Counter = field(default_factory=Counter)
    messages: int = 0
    left_out: int = 0
    """People without the letter of whom an approval said that they may have it, and left them out."""
    twice: int = 0
    lost: int = 0
    forgotten: int = 0
    """Dispatches that were in sent.json once, and are not at the end."""
    traces: int = 0
    said: list = field(default_factory=list)

    @property
    def is_clean(self):
        return not (self.twice or self.lost or self.forgotten or self.traces)


@dataclass(frozen=True)
class Ran:
    code: int
    text: str


class Round:
    """One issue: from the first approval, through whatever chance brings, until everybody is through."""

    def __init__(self, root, number, chance, tally, *, ledger, port, server=None):
        self.root = root
        self.number = number
        self.chance = chance
        self.tally = tally
        self.ledger = ledger
        self.server = server
        self.issue_workspace = IssueWorkspace.start(root / "workspace")
        file = self.issue_workspace.own / "publication.yaml"
        text = re.sub(r"(?m)^unsubscribe: .*$", "unsubscribe: leave@list.test", file.read_text("utf-8"))
        file.write_text(text, "utf-8")
        self.file = root / "database" / "pvd.sqlite"
        self.url = server.fresh() if server else f"sqlite:///{self.file}"
        self._open(prepare_database)
        self.copies = []
        self.backups = []
        self.people = 0
        self.known = set()
        self.last = ""
        self.story = []
        self.variables = {
            "PVD_KEYS": str(root / "keys.json"),
            "PVD_BATCH_SIZE": str(BATCH),
            "PVD_BACKUP_PASSPHRASE": "a phrase that is long enough",
            "SENDGRID_API_KEY": KEY,
            "PVD_SENDGRID_URL": f"http://127.0.0.1:{port}",
            "PVD_LANG": "en",
        }

    def _open(self, act):
        database = open_database(self.url, Path())
        try:
            return act(database)
        finally:
            database.close()

    def start(self, *arguments):
        """A process that has all imports done already runs the command; its number, and where it writes."""
        log = self.root / "said"
        log.unlink(missing_ok=True)
        child = os.fork()
        if child:
            return child, log
        try:  # no line of the parent's is run from here on
            os.setsid()
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.chdir(self.issue_workspace.root)
            os.environ.update(self.variables | {"PVD_DATABASE_URL": self.url})
            i18n.set_language("en")
            target = log.open("w", encoding="utf-8", buffering=1)
            with contextlib.redirect_stdout(target), contextlib.redirect_stderr(target):
                sys.stdin = io.StringIO()
                code = run_cli(list(arguments))
            target.flush()
            os._exit(code)
        except SystemExit as error:
            os._exit(error.code if isinstance(error.code, int) else 99)
        finally:
            os._exit(98)

    def end(self, child, log, arguments):
        _pid, status = os.waitpid(child, 0)
        text = log.read_text("utf-8") if log.exists() else ""
        code = os.waitstatus_to_exitcode(status)
        self.story.append(f"{code}  {shlex.join(arguments)}")
        if "Traceback" in text or code in {98, 99}:
            self.tally.traces += 1
            self.story.append(text)
        self.tally.refused += "tells of more than the database knows" in text
        self._remember()
        if text:
            self.last = text
        return Ran(code, text)

    def run(self, *arguments):
        child, log = self.start(*arguments)
        return self.end(child, log, arguments)

    def kill(self, *arguments):
        """Run a command, and kill it at some moment if it has not ended by then."""
        size = self.ledger.stat().st_size
        child, log = self.start(*arguments)
        until = time.monotonic() + 10
        if self.chance.random() < 0.75:  # the others may die before they have sent anything
            while self.ledger.stat().st_size == size and time.monotonic() < until:
                if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
                    break
                time.sleep(0.005)
        until = time.monotonic() + self.chance.uniform(0.0, 0.6)
        while time.monotonic() < until:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                self.story.append(f"{os.waitstatus_to_exitcode(status)}  {shlex.join(arguments)}")
                break
            time.sleep(0.01)
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            self.tally.kills += 1
            self.story.append(f"killed  {shlex.join(arguments)}")
        self.last = log.read_text("utf-8") if log.exists() else ""
        self._remember()

    def _remember(self):
        """Which dispatches the record has ever told of."""
        record = self.issue_workspace.folder / "sent.json"
        now = set(re.findall(r'"dispatch": "([^"]+)"', record.read_text("utf-8"))) if record.exists() else set()
        self.tally.forgotten += len(self.known - now)
        self.known |= now

    # What happens

    def join(self):
        """Some people come: new ones, and now and then all who ever were, from a list that somebody kept."""
        start = 0 if self.chance.random() < 0.3 else self.people
        self.people += PEOPLE if not self.people else self.chance.randrange(1, 12)
        rows = [f"reader{n}@town{n % 7}.round{self.number}.test" for n in range(start, self.people)]
        file = self.root / "list.csv"
        file.write_text("email\n" + "\n".join(rows) + "\n", "utf-8")
        self.run("subscribers", "import", str(file), "--basis", "consent", "--apply")

    def approve(self):
        return self.run("approve", "1", "--audience", "all", "--by", "Torture", "--channel", "sendgrid")

    def send(self):
        self.run(*self._sending())

    def send_and_kill(self):
        self.kill(*self._sending())

    def _sending(self):
        def paused(database):
            with database.read() as connection:
                found = dispatches.dispatches_of_issue(connection, 1)
            return next((one.id for one in found if one.state == "paused"), None)

        dispatch = self._open(paused)
        return ("resume", dispatch) if dispatch else ("send", "1", "--yes")

    def copy(self):
        """A copy by hand, of which the program knows nothing."""
        if self.server:
            self.copies.append(self.server.fresh(self.url.rpartition("/")[2]))
        else:
            target = self.root / f"copy{len(self.copies)}.sqlite"
            with (
                contextlib.closing(sqlite3.connect(self.file)) as source,
                contextlib.closing(sqlite3.connect(target)) as to,
            ):
                source.backup(to)
            self.copies.append(target)
        self.story.append("a copy was made")

    def put_back(self):
        if not self.copies:
            return
        one = self.chance.choice(self.copies)
        if self.server:
            self.server.drop(self.url)
            self.url = self.server.fresh(one.rpartition("/")[2])
        else:
            for beside in self.file.parent.glob("pvd.sqlite-*"):
                beside.unlink()
            shutil.copy(one, self.file)
        self.tally.copies_back += 1
        self.story.append("a copy was put back")

    def back_up(self):
        file = self.root / f"backup{len(self.backups)}.age"
        if self.run("backup", str(file)).code == 0:
            self.backups.append(file)

    def restore(self):
        if self.backups:
            self.tally.restored += self.run("restore", str(self.chance.choice(self.backups)), "--yes").code == 0

    def advised(self):
        """One of the commands that were printed last, by whatever was run or by `status`."""
        if self.chance.random() < 0.6:
            self.run("status")
        found = sorted({one.partition(",")[0].rstrip(" .;)") for one in _COMMAND.findall(self.last)})
        found = [one for one in found if "ISSUE" not in one and "{" not in one]
        if found:
            self.obey(self.chance.choice(found))

    def obey(self, command):
        name, *rest = shlex.split(command)
        self.tally.advised[name] += 1
        if name == "resolve":
            self.decide(rest[0])
        elif name == "send":
            self.run(name, *rest, "--yes")
        elif name == "resume" and self.chance.random() < 0.5:
            self.kill(name, *rest)
        else:
            self.run(name, *rest)

    def decide(self, dispatch):
        """As a person does who looks at the provider: who is there has the letter, and nobody else has."""
        self.run("status")  # what was in flight at a kill is unknown from now on
        time.sleep(0.4)  # the advice says an hour; the far side here is quicker
        file = self.root / "unknown.csv"
        listed = self.run("recipients", dispatch, "--state", "unknown", "-o", str(file))
        if listed.code or not file.exists():
            return
        names, rows = file.read_text("utf-8-sig").splitlines()[:1], file.read_text("utf-8-sig").splitlines()[1:]
        have = self.have()
        there = [row for row in rows if have[row.partition(";")[0]]]
        file.write_text("\n".join([*names, *there]) + "\n", "utf-8")
        if there and self.run("resolve", dispatch, "--assume", "accepted", "--only", str(file)).code:
            return
        if self.chance.random() < 0.7:
            self.run("resolve", dispatch, "--resend")

    def have(self):
        """How often each address of this round is at the far side."""
        mine = f".round{self.number}.test"
        return Counter(one["address"] for one in read_ledger(self.ledger) if one["address"].endswith(mine))

    STEPS = (
        (join, 1),
        (approve, 2),
        (send, 1),
        (send_and_kill, 4),
        (copy, 3),
        (put_back, 2),
        (back_up, 0.4),
        (restore, 0.4),
        (advised, 6),
    )

    def go(self):
        self.join()
        self.approve()
        steps, weights = zip(*self.STEPS, strict=True)
        for _step in range(self.chance.randrange(8, 20)):
            self.chance.choices(steps, weights)[0](self)
        self.bring_through()
        self.count()

    def bring_through(self):
        """Whatever the state: what is advised leads to the end of every dispatch, and to an approval for the rest."""
        for _turn in range(12):
            told = self.run("reconcile", "1")
            if told.code and "sender" not in told.text:
                self.story.append(told.text)
            for dispatch, state, unknown in self._open(self._standing):
                if unknown:
                    self.decide(dispatch)
                    self.run("resolve", dispatch, "--resend")
                if state in {"running", "paused"}:
                    self.run("resume", dispatch)
            self.approve()
            self.run("send", "1", "--yes")
            left = [one for one in self._open(self._standing) if one[2] or one[1] in {"running", "paused", "approved"}]
            if not left and "everybody in the audience" in self.approve().text:
                return
        self.story.append("it did not come to an end")
        self.tally.lost += 1

    @staticmethod
    def _standing(database):
        doubtful = (
            select(recipients.c.dispatch_id).select_from(_WITH_BATCH).where(effective_state == RecipientState.UNKNOWN)
        )
        with database.read() as connection:
            found = dispatches.dispatches_of_issue(connection, 1)
            unknown = set(connection.scalars(doubtful))
        return [(one.id, str(one.state), one.id in unknown) for one in found]

    def count(self):
        have = self.have()
        self.tally.rounds += 1
        self.tally.messages += have.total()

        def states(database):
            with database.read() as connection:
                people = set(connection.scalars(select(subscribers.c.address_key)))
                rows = connection.execute(select(recipients.c.address_key, effective_state).select_from(_WITH_BATCH))
                return people, rows.all()

        people, rows = self._open(states)
        told = {}
        for key, state in rows:
            told.setdefault(key, set()).add(state)
        twice = [key for key, times in have.items() if times > 1]
        without = [
            key
            for key in people
            if not have[key] and not told.get(key, set()) & {RecipientState.REFUSED, RecipientState.UNKNOWN}
        ]
        lost = [key for key in without if RecipientState.EXCLUDED not in told.get(key, ())]
        self.tally.left_out += len(without) - len(lost)
        self.tally.twice += len(twice)
        self.tally.lost += len(lost)
        if twice or lost or self.tally.traces:
            self.tally.said.append(f"{self.root}: twice {twice[:5]}, lost {lost[:5]}\n    " + "\n    ".join(self.story))


def restores(count, root, *, seed, server=None):
    """`count` rounds, on SQLite, or on the PostgreSQL of `server`."""
    name = "PostgreSQL" if server else "SQLite"
    chance = random.Random(f"{seed} restores {name}")  # noqa: S311 - chance, not a secret
    tally = Restores(name)
    folder = Path(root) / f"restores-{name}"
    folder.mkdir(parents=True)
    ledger = folder / "ledger"
    ledger.touch()
    with far_side(LINE, ledger, chance.randrange(10**9), PROBABILITY) as port:
        for number in range(count):
            one = Round(folder / str(number), number, chance, tally, ledger=ledger, port=port, server=server)
            one.go()
            if server:
                for url in (one.url, *one.copies):
                    server.drop(url)
            if tally.is_clean:
                shutil.rmtree(one.root)
    return tally
