"""`send` and `run-due`."""

import json
import re
import sys
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from pvd_mailer import clock
from pvd_mailer.cli.confirm import confirm
from pvd_mailer.cli.context import EXIT_INTERRUPTED, FullHelpCommand, form_option, issue_argument, load_context
from pvd_mailer.cli.output import diagnostics
from pvd_mailer.cli.output.dispatch import dispatch_json, format_number, local_time, print_dispatch
from pvd_mailer.cli.output.dry_run import print_dry_run
from pvd_mailer.cli.sending.run_output import rate_option, run_and_report
from pvd_mailer.database.states import DispatchState
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.issue.schedule import is_in_dst_gap
from pvd_mailer.journal import Dispatch
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches import control, overview, recovery, selection, simulation

__all__ = ["run_due_command", "send_command"]

_MIN_YEAR, _MAX_YEAR = 2000, 2100
"""Years that somebody may mean."""

_late_option = click.option(
    "--late", is_flag=True, help=_("Begin although the moment that was set is more than 6 hours ago.")
)


@click.command(
    "send", cls=FullHelpCommand, help=_("Send ISSUE as it was approved, or go on with a send that was stopped.")
)
@issue_argument
@click.option("--dry-run", "dry", is_flag=True, help=_("Say what would happen, and do nothing."))
@click.option("--at", "at", metavar="2026-12-03T09:00", help=_("Begin at that moment of the publication's zone."))
@click.option(
    "--wait", "waits", is_flag=True, help=_("With --at: stay here until then, and send. Otherwise `run-due` does.")
)
@_late_option
@rate_option
@click.option("--retry-refused", "retry", is_flag=True, help=_("Also those refused whom another attempt may reach."))
@click.option("--yes", "sure", is_flag=True, help=_("Do not ask before a letter leaves."))
@form_option
def send_command(
    issue_name: str,
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
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        dispatch = selection.select_dispatch(app_context, app_context.workspace.issue(issue_name))
        if dry:
            return print_dry_run(app_context, dispatch, form)
        if at is not None:  # an empty one is no moment, and does not mean now
            start = _parse_start(at, dispatch.approval.zone)
            control.schedule_dispatch(app_context, dispatch, start)
            if not waits:
                return _report_scheduled(app_context, dispatch, form)
            _wait_until(start, dispatch.approval.zone)
        channel = cli_context.channel(dispatch.approval.channel, app_context)
        _ensure_not_paused(dispatch)
        is_new = dispatch.state is DispatchState.APPROVED
        if is_new and at is None and not sure:
            _ensure_not_scheduled(dispatch)
        if retry:
            recovery.requeue_refused(app_context, dispatch)
        if is_new and channel.is_live and form == "text" and not sure:
            _confirm_send(app_context, dispatch)
        return run_and_report(cli_context, app_context, dispatch, form, rate=rate, late=late)


def _ensure_not_paused(dispatch: Dispatch) -> None:
    if dispatch.state is DispatchState.PAUSED:
        raise WrongUsageError(
            _("dispatch {id} is paused").format(id=dispatch.id),
            _("When its reason is gone: pvd-mailer resume {id}").format(id=dispatch.id),
        )


def _ensure_not_scheduled(dispatch: Dispatch) -> None:
    """A moment that was set holds until somebody says otherwise.

    Raises:
        WrongUsageError: it has not come yet.
    """
    if dispatch.start_at and dispatch.start_at > clock.now():
        raise WrongUsageError(
            _("dispatch {id} is set for {moment}").format(
                id=dispatch.id, moment=local_time(dispatch.start_at, dispatch.approval.zone)
            ),
            _("`pvd-mailer run-due` sends it then. To send it now all the same, say so with --yes."),
        )


def _confirm_send(app_context: AppContext, dispatch: Dispatch) -> None:
    """The last moment at which nothing has left: on a terminal, somebody says so."""
    if not sys.stdin.isatty():
        return
    print_dispatch(dispatch)
    pending = simulation.dry_run(app_context, dispatch).pending  # less those who have left since
    question = ngettext(
        "{n} message is about to leave, and cannot be taken back. Send it?",
        "{n} messages are about to leave, and cannot be taken back. Send them?",
        pending,
    )
    confirm(question.format(n=format_number(pending)))


def _parse_start(text: str, zone: str) -> datetime:
    """The moment that `--at` means.

    Raises:
        WrongUsageError: it is none, or the zone's clocks skip it.
    """
    hint = _("Write it like 2026-12-03T09:00; it is meant in the zone {zone}.").format(zone=zone)
    try:
        local = datetime.fromisoformat(text)
    except ValueError as exc:
        raise WrongUsageError(_("“{text}” is not a day and an hour").format(text=text[:40]), hint) from exc
    if re.fullmatch(r"[0-9W-]*", text):  # a day alone would be its midnight
        raise WrongUsageError(_("“{text}” is not a day and an hour").format(text=text[:40]), hint)
    if not _MIN_YEAR <= local.year <= _MAX_YEAR:
        raise WrongUsageError(_("“{text}” is not a day and an hour").format(text=text[:40]), hint)
    if local.tzinfo is not None:
        return local
    if is_in_dst_gap(local, zone):
        raise WrongUsageError(_("the clocks skip {text} in that zone").format(text=text), hint)
    return local.replace(tzinfo=ZoneInfo(zone))


def _report_scheduled(app_context: AppContext, dispatch: Dispatch, form: str) -> int:
    sent = overview.get_totals(app_context, dispatch.id)
    dispatch, totals = sent.dispatch, sent.totals
    if form == "json":
        click.echo(json.dumps(dispatch_json(dispatch, totals), ensure_ascii=False, indent=2))
        return 0
    click.echo(
        _("Dispatch {id} is set for {moment} ({zone}). It leaves when `pvd-mailer run-due` runs then.").format(
            id=dispatch.id, moment=local_time(dispatch.start_at, dispatch.approval.zone), zone=dispatch.approval.zone
        )
    )
    click.echo(
        _("From cron, every five minutes: */5 * * * * cd {folder} && pvd-mailer run-due").format(
            folder=app_context.workspace.root
        )
    )
    return 0


def _wait_until(start: datetime, zone: str) -> None:
    click.echo(_("Waiting until {moment}; Ctrl-C leaves it set.").format(moment=local_time(start, zone)), err=True)
    while (seconds := (start - clock.now()).total_seconds()) > 0:
        time.sleep(min(seconds, 5.0))


@click.command(
    "run-due", cls=FullHelpCommand, help=_("Send what was set for a moment that has come: for cron, or a service.")
)
@_late_option
@rate_option
@form_option
def run_due_command(rate: int | None, form: str, *, late: bool) -> int:
    """Send what is due."""
    cli_context = load_context()
    worst_code = 0
    results: list[dict[str, object]] | None = [] if form == "json" else None
    with cli_context.app_context() as app_context:
        for dispatch in selection.due_dispatches(app_context):
            try:
                code = run_and_report(cli_context, app_context, dispatch, form, rate=rate, late=late, results=results)
            except PvdError as exc:
                diagnostics.print_failure(f"{dispatch.id}: {exc}", exc.hint)
                code = exc.exit_code
            worst_code = max(worst_code, code)
            if code == EXIT_INTERRUPTED:
                break
    if results is not None:
        click.echo(json.dumps({"dispatches": results}, ensure_ascii=False, indent=2))
    return worst_code
