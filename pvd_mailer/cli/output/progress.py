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
from pvd_mailer.cli.context import EXIT_INTERRUPTED
from pvd_mailer.cli.output import labels
from pvd_mailer.cli.output.dispatch import format_number
from pvd_mailer.database.states import RecipientState
from pvd_mailer.i18n import _
from pvd_mailer.send.runner import SendRun

__all__ = ["ProgressDisplay", "StatusLine"]

_LONG_WAIT = timedelta(seconds=5)
"""A wait that somebody who looks at a log would wonder at."""


class StatusLine:
    """One line of standard error that is written over; silent where no terminal is."""

    def __init__(self, *, is_visible: bool) -> None:
        self.is_visible = is_visible and sys.stderr.isatty()
        self._width = 0

    def __call__(self, text: str) -> None:
        """Show `text` in place of what stands there."""
        if not self.is_visible:
            return
        # A line that the terminal broke could not be written over.
        line = text[: shutil.get_terminal_size().columns - 1]
        click.echo("\r" + line.ljust(self._width), nl=False, err=True)
        self._width = len(line)

    def end(self) -> None:
        """Leave the line."""
        if self._width:
            click.echo(err=True)
            self._width = 0


class ProgressDisplay:
    """Shows how far a run is, four times a second, on one line of standard error; elsewhere only that it waits."""

    def __init__(self, *, is_visible: bool) -> None:
        self.is_visible = is_visible
        self._line = StatusLine(is_visible=is_visible)
        self._run: SendRun | None = None
        self._is_waiting = False
        self.interrupted = False

    def __call__(self, run: SendRun) -> None:
        """Look at `run`."""
        self._run = run
        if self.interrupted:
            run.interrupt()
        if self._line.is_visible:
            self._draw(run)
        elif self.is_visible:
            self._report_wait(run)

    def _report_wait(self, run: SendRun) -> None:
        """Once a wait, where there is no line to show it on: a log, a service."""
        remaining = run.rate_limiter.remaining_pause
        if remaining > _LONG_WAIT and not self._is_waiting:
            text = _("The provider asks to wait: nothing leaves before {time} ({duration}).")
            click.echo(
                text.format(time=_wait_end(run, remaining), duration=_duration(remaining.total_seconds())), err=True
            )
        self._is_waiting = bool(remaining)

    def _draw(self, run: SendRun) -> None:
        states = run.initial_totals.states + run.counts
        settled = sum(
            states[state]
            for state in (
                RecipientState.ACCEPTED,
                RecipientState.EXCLUDED,
                RecipientState.REFUSED,
                RecipientState.UNKNOWN,
            )
        )
        settled_now = sum(run.counts.values())
        elapsed = time.monotonic() - run.began
        parts = [f"{format_number(settled)}/{format_number(run.initial_totals.audience)}"]
        parts += [
            f"{format_number(states[state])} {labels.recipient_state_label(state, states[state])}"
            for state in (RecipientState.ACCEPTED, RecipientState.REFUSED, RecipientState.UNKNOWN)
        ]
        if settled_now and elapsed > 1:
            rate = settled_now / elapsed
            parts.append(_("{rate}/min").format(rate=format_number(round(rate * 60))))
            parts.append(_("{time} left").format(time=_duration((run.initial_totals.audience - settled) / rate)))
        asked_wait = run.rate_limiter.remaining_pause
        if asked_wait:
            parts.append(_("waiting until {time}, as the provider asked").format(time=_wait_end(run, asked_wait)))
        elif run.rate_limiter.is_paused:
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
                os._exit(EXIT_INTERRUPTED)  # the journal knows what was in flight
            self.interrupted = True
            if self._run:
                self._run.interrupt()
            click.echo(
                "\n"
                + _("Stopping: the calls in flight are being finished. What has no answer in 2 seconds is unknown."),
                err=True,
            )

        handlers = {
            signal_number: signal.signal(signal_number, stop) for signal_number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for signal_number, handler in handlers.items():
                signal.signal(signal_number, handler)
            self.end()


def _wait_end(run: SendRun, remaining: timedelta) -> str:
    """The moment at which a wait ends, in the publication's zone."""
    return f"{(clock.now() + remaining).astimezone(ZoneInfo(run.dispatch.approval.zone)):%H:%M:%S}"


def _duration(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than 1 min")
    if minutes < 120:  # noqa: PLR2004 - two hours still read well in minutes
        return _("{n} min").format(n=minutes)
    return _("{n} h").format(n=minutes // 60)
