"""Follows a send on a terminal, and lets Ctrl-C end it at a moment when nothing is in flight."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import FrameType
from zoneinfo import ZoneInfo

import click

from pvd_mailer import clock
from pvd_mailer.cli import words
from pvd_mailer.cli.account import number
from pvd_mailer.database.states import State
from pvd_mailer.i18n import _
from pvd_mailer.send import Run

__all__ = ["Follower", "Line"]

INTERRUPTED = 130
LONG = timedelta(seconds=5)
"""A wait that somebody who looks at a log would wonder at."""


class Line:
    """One line of standard error that is written over; silent where no terminal is."""

    def __init__(self, *, shows: bool) -> None:
        self.shows = shows and sys.stderr.isatty()
        self._width = 0

    def __call__(self, said: str) -> None:
        """Show `said` in place of what stands there."""
        if not self.shows:
            return
        # A line that the terminal broke could not be written over.
        line = said[: shutil.get_terminal_size().columns - 1]
        click.echo("\r" + line.ljust(self._width), nl=False, err=True)
        self._width = len(line)

    def end(self) -> None:
        """Leave the line."""
        if self._width:
            click.echo(err=True)
            self._width = 0


class Follower:
    """Shows how far a run is, four times a second, on one line of standard error; elsewhere only that it waits."""

    def __init__(self, *, shows: bool) -> None:
        self._shows = shows
        self._line = Line(shows=shows)
        self._run: Run | None = None
        self._waits = False
        self.interrupted = False

    def __call__(self, run: Run) -> None:
        """Look at `run`."""
        self._run = run
        if self.interrupted:
            run.interrupt()
        if self._line.shows:
            self._draw(run)
        elif self._shows:
            self._tell_wait(run)

    def _tell_wait(self, run: Run) -> None:
        """Once a wait, where there is no line to show it on: a log, a service."""
        left = run.pace.asked_for
        if left > LONG and not self._waits:
            said = _("The provider asks to wait: nothing leaves before {time} ({duration}).")
            click.echo(said.format(time=_until(run, left), duration=_duration(left.total_seconds())), err=True)
        self._waits = bool(left)

    def _draw(self, run: Run) -> None:
        now = run.account.states + run.counts
        done = sum(now[state] for state in (State.ACCEPTED, State.EXCLUDED, State.REFUSED, State.UNKNOWN))
        moved = sum(run.counts.values())
        elapsed = time.monotonic() - run.began
        parts = [f"{number(done)}/{number(run.account.audience)}"]
        parts += [
            f"{number(now[state])} {words.recipient_state(state, now[state])}"
            for state in (State.ACCEPTED, State.REFUSED, State.UNKNOWN)
        ]
        if moved and elapsed > 1:
            rate = moved / elapsed
            parts.append(_("{rate}/min").format(rate=number(round(rate * 60))))
            parts.append(_("{time} left").format(time=_duration((run.account.audience - done) / rate)))
        asked = run.pace.asked_for
        if asked:
            parts.append(_("waiting until {time}, as the provider asked").format(time=_until(run, asked)))
        elif run.pace.is_held:
            parts.append(_("waiting before the next attempt"))
        self._line("  " + " · ".join(parts))

    def end(self) -> None:
        """Leave the line."""
        self._line.end()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """The first Ctrl-C (or SIGTERM) gives the calls in flight two seconds; a second one does not wait for them."""

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            if self.interrupted:
                os._exit(INTERRUPTED)  # the journal knows what was in flight
            self.interrupted = True
            if self._run:
                self._run.interrupt()
            click.echo(
                "\n"
                + _("Stopping: the calls in flight are being finished. What has no answer in 2 seconds is unknown."),
                err=True,
            )

        before = {name: signal.signal(name, stop) for name in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for name, handler in before.items():
                signal.signal(name, handler)
            self.end()


def _until(run: Run, left: timedelta) -> str:
    """The moment at which a wait ends, in the publication's zone."""
    return f"{(clock.now() + left).astimezone(ZoneInfo(run.dispatch.seal.zone)):%H:%M:%S}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than 1 min")
    if minutes < 120:  # noqa: PLR2004 - two hours still read well in minutes
        return _("{n} min").format(n=minutes)
    return _("{n} h").format(n=minutes // 60)
