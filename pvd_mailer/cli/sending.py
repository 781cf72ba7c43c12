"""`send` and `run-due`."""

import json
import re
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from pvd_mailer import clock
from pvd_mailer.cli import show
from pvd_mailer.cli.account import as_json, moment, number, print_dispatch
from pvd_mailer.cli.asking import agree
from pvd_mailer.cli.desk import Command, form_option, issue_argument, open_desk
from pvd_mailer.cli.dryrun import tell_dry_run
from pvd_mailer.cli.progress import INTERRUPTED
from pvd_mailer.cli.running import rate_option, run_and_tell
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.issue.when import is_skipped
from pvd_mailer.journal import Dispatch, account, dispatches
from pvd_mailer.workflow import Office, sending

__all__ = ["run_due", "send"]

SOONEST, LATEST = 2000, 2100
"""Years that somebody may mean."""

_late = click.option("--late", is_flag=True, help=_("Begin although the moment that was set is more than 6 hours ago."))


@click.command(cls=Command, help=_("Send ISSUE as it was approved, or go on with a send that was stopped."))
@issue_argument
@click.option("--dry-run", "dry", is_flag=True, help=_("Say what would happen, and do nothing."))
@click.option("--at", "at", metavar="2026-12-03T09:00", help=_("Begin at that moment of the publication's zone."))
@click.option(
    "--wait", "waits", is_flag=True, help=_("With --at: stay here until then, and send. Otherwise `run-due` does.")
)
@_late
@rate_option
@click.option("--retry-refused", "retry", is_flag=True, help=_("Also those refused whom another attempt may reach."))
@click.option("--yes", "sure", is_flag=True, help=_("Do not ask before a letter leaves."))
@form_option
def send(
    wanted: str,
    at: str | None,
    rate: int | None,
    form: str,
    *,
    dry: bool,
    waits: bool,
    late: bool,
    retry: bool,
    sure: bool,
) -> int:
    """Send an issue."""
    if waits and at is None:
        raise click.UsageError(_("--wait goes with --at."))
    desk = open_desk()
    with desk.office() as office:
        dispatch = sending.choose(office, office.workspace.issue(wanted))
        if dry:
            return tell_dry_run(office, dispatch, form)
        if at is not None:  # an empty one is no moment, and does not mean now
            start = _start(at, dispatch.seal.zone)
            sending.schedule(office, dispatch, start)
            if not waits:
                return _scheduled(office, dispatch, form)
            _wait_until(start, dispatch.seal.zone)
        channel = desk.channel(dispatch.seal.channel, office)
        if dispatch.state is DispatchState.PAUSED:
            raise WrongUsageError(
                _("dispatch {id} is paused").format(id=dispatch.id),
                _("When its reason is gone: pvd-mailer resume {id}").format(id=dispatch.id),
            )
        if dispatch.state is DispatchState.APPROVED and at is None and not sure:
            _respect(dispatch)
        if retry:
            sending.retry_refused(office, dispatch)
        if not sure and dispatch.state is DispatchState.APPROVED and channel.leaves and form == "text":
            _ask(office, dispatch)
        return run_and_tell(desk, office, dispatch, form, rate=rate, late=late)


def _respect(dispatch: Dispatch) -> None:
    """A moment that was set holds until somebody says otherwise.

    Raises:
        WrongUsageError: it has not come yet.
    """
    if dispatch.start_at and dispatch.start_at > clock.now():
        raise WrongUsageError(
            _("dispatch {id} is set for {moment}").format(
                id=dispatch.id, moment=moment(dispatch.start_at, dispatch.seal.zone)
            ),
            _("`pvd-mailer run-due` sends it then. To send it now all the same, say so with --yes."),
        )


def _ask(office: Office, dispatch: Dispatch) -> None:
    """The last moment at which nothing has left: on a terminal, somebody says so."""
    if not sys.stdin.isatty():
        return
    print_dispatch(dispatch)
    pending = sending.dry_run(office, dispatch).pending  # less those who have left since
    question = ngettext(
        "{n} message is about to leave, and cannot be taken back. Send it?",
        "{n} messages are about to leave, and cannot be taken back. Send them?",
        pending,
    )
    agree(question.format(n=number(pending)))


def _start(text: str, zone: str) -> datetime:
    """The moment that `--at` means.

    Raises:
        WrongUsageError: it is none, or the zone's clocks skip it.
    """
    hint = _("Write it like 2026-12-03T09:00; it is meant in the zone {zone}.").format(zone=zone)
    try:
        local = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUsageError(_("“{text}” is not a day and an hour").format(text=text[:40]), hint) from error
    if re.fullmatch(r"[0-9W-]*", text):  # a day alone would be its midnight
        raise WrongUsageError(_("“{text}” is not a day and an hour").format(text=text[:40]), hint)
    if not SOONEST <= local.year <= LATEST:
        raise WrongUsageError(_("“{text}” is not a day and an hour").format(text=text[:40]), hint)
    if local.tzinfo is not None:
        return local
    if is_skipped(local, zone):
        raise WrongUsageError(_("the clocks skip {text} in that zone").format(text=text), hint)
    return local.replace(tzinfo=ZoneInfo(zone))


def _scheduled(office: Office, dispatch: Dispatch, form: str) -> int:
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch.id)
        told = account(connection, dispatch.id)
    if form == "json":
        click.echo(json.dumps(as_json(dispatch, told), ensure_ascii=False, indent=2))
        return 0
    click.echo(
        _("Dispatch {id} is set for {moment} ({zone}). It leaves when `pvd-mailer run-due` runs then.").format(
            id=dispatch.id, moment=moment(dispatch.start_at, dispatch.seal.zone), zone=dispatch.seal.zone
        )
    )
    click.echo(
        _("From cron, every five minutes: */5 * * * * cd {folder} && pvd-mailer run-due").format(
            folder=office.workspace.root
        )
    )
    return 0


def _wait_until(start: datetime, zone: str) -> None:
    click.echo(_("Waiting until {moment}; Ctrl-C leaves it set.").format(moment=moment(start, zone)), err=True)
    while (seconds := (start - clock.now()).total_seconds()) > 0:
        time.sleep(min(seconds, 5.0))


@click.command(cls=Command, help=_("Send what was set for a moment that has come: for cron, or a service."))
@_late
@rate_option
@form_option
def run_due(rate: int | None, form: str, *, late: bool) -> int:
    """Send what is due."""
    desk = open_desk()
    worst = 0
    among: list[dict[str, object]] | None = [] if form == "json" else None
    with desk.office() as office:
        for dispatch in sending.due(office):
            try:
                code = run_and_tell(desk, office, dispatch, form, rate=rate, late=late, among=among)
            except PvdError as error:
                show.failure(f"{dispatch.id}: {error}", error.hint)
                code = error.exit_code
            worst = max(worst, code)
            if code == INTERRUPTED:
                break
    if among is not None:
        click.echo(json.dumps({"dispatches": among}, ensure_ascii=False, indent=2))
    return worst
