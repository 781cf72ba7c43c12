"""`send`, `run-due`, `pause`, `resume`, `cancel`, `resolve`, `status` and `report`."""

import json
import re
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import click

from pvd_mailer import clock
from pvd_mailer.cli import show, words
from pvd_mailer.cli.account import as_json, moment, number, print_account, print_dispatch
from pvd_mailer.cli.asking import agree
from pvd_mailer.cli.desk import INCOMPLETE, Command, Desk, form_option, issue_argument, open_desk
from pvd_mailer.cli.progress import INTERRUPTED, Follower
from pvd_mailer.database.lock import is_sender_at_work
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.errors import PvdError, WrongUsageError
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.issue.when import is_skipped
from pvd_mailer.journal import Dispatch, account, dispatches
from pvd_mailer.send.channels import Cause
from pvd_mailer.send.record import Sent
from pvd_mailer.workflow import Office, sending

__all__ = ["cancel", "pause", "report", "resolve", "resume", "run_due", "send", "status"]

_dispatch = click.argument("dispatch_id", metavar=_("DISPATCH"))
_rate = click.option(
    "--rate",
    type=click.IntRange(1, 1_000_000),
    help=_("At most so many messages a minute; without it, as the settings say."),
)
_late = click.option("--late", is_flag=True, help=_("Begin although the moment that was set is more than 6 hours ago."))


@click.command(cls=Command, help=_("Send ISSUE as it was approved, or go on with a send that was stopped."))
@issue_argument
@click.option("--dry-run", "dry", is_flag=True, help=_("Say what would happen, and do nothing."))
@click.option("--at", "at", metavar="2026-12-03T09:00", help=_("Begin at that moment of the publication's zone."))
@click.option(
    "--wait", "waits", is_flag=True, help=_("With --at: stay here until then, and send. Otherwise `run-due` does.")
)
@_late
@_rate
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
            return _dry_run(office, dispatch, form)
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
        if retry:
            sending.retry_refused(office, dispatch)
        if not sure and dispatch.state is DispatchState.APPROVED and channel.leaves and form == "text":
            _ask(office, dispatch)
        return _run(desk, office, dispatch, form, rate=rate, late=late)


def _ask(office: Office, dispatch: Dispatch) -> None:
    """The last moment at which nothing has left: on a terminal, somebody says so."""
    if not sys.stdin.isatty():
        return
    print_dispatch(dispatch)
    with office.database.read() as connection:
        pending = account(connection, dispatch.id).states[State.PENDING]
    question = ngettext(
        "{n} message is about to leave, and cannot be taken back. Send it?",
        "{n} messages are about to leave, and cannot be taken back. Send them?",
        pending,
    )
    agree(question.format(n=number(pending)))


def _run(
    desk: Desk,
    office: Office,
    dispatch: Dispatch,
    form: str,
    *,
    rate: int | None = None,
    late: bool = False,
    among: list[dict[str, object]] | None = None,
) -> int:
    """Send, and tell how it went; in JSON, where it is one of several, into `among`."""
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch.id)
        left = account(connection, dispatch.id).left
    follower = Follower(shows=form == "text")
    if left or dispatch.state is not DispatchState.FINISHED:
        channel = desk.channel(dispatch.seal.channel, office)
        if form == "text" and dispatch.seal.channel == "outbox":
            click.echo(_("The letters go to {folder}").format(folder=desk.workspace.show(office.outbox)))
        with follower.interruptible():
            run = sending.send(office, dispatch, channel, rate=rate, late=late, watch=follower)
        if run.recovered and form == "text":
            said = ngettext(
                "An earlier send was stopped with {n} recipient in flight: unknown from now on.",
                "An earlier send was stopped with {n} recipients in flight: unknown from now on.",
                run.recovered,
            )
            click.echo(said.format(n=number(run.recovered)))
    elif form == "text":
        click.echo(_("Nothing is left to send: this dispatch is finished."))
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch.id)
        told = account(connection, dispatch.id)
    if among is not None:
        among.append(as_json(dispatch, told))
    elif form == "json":
        click.echo(json.dumps(as_json(dispatch, told), ensure_ascii=False, indent=2))
    else:
        print_dispatch(dispatch)
        print_account(dispatch, told)
    if follower.interrupted:
        if form == "text" and told.left:
            click.echo(_("To go on: pvd-mailer send {issue}").format(issue=dispatch.number))
        return INTERRUPTED
    return 0 if told.is_complete else INCOMPLETE


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
    import time

    while (seconds := (start - clock.now()).total_seconds()) > 0:
        time.sleep(min(seconds, 5.0))


def _dry_run(office: Office, dispatch: Dispatch, form: str) -> int:
    plan = sending.dry_run(office, dispatch)
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "dispatch": dispatch.id,
                    "pending": plan.pending,
                    "left_out": [{"address": address, "why": why} for address, why in plan.left_out],
                    "newcomers": plan.newcomers,
                    "first": plan.first.decode() if plan.first else None,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0
    click.echo(click.style(_("A dry run: nothing leaves."), bold=True))
    print_dispatch(dispatch)
    said = ngettext("{n} person would get the letter.", "{n} people would get the letter.", plan.pending)
    click.echo(said.format(n=number(plan.pending)))
    for address, why in plan.left_out[:20]:
        click.echo(f"  {_('left out')}{_(': ')}{address}, {words.cause(why)}")
    if len(plan.left_out) > 20:  # noqa: PLR2004 - what fits a screen; --format json has them all
        click.echo("  " + _("and {n} more").format(n=number(len(plan.left_out) - 20)))
    if plan.newcomers:
        said = ngettext(
            "{n} person has subscribed since the approval, and is not in it.",
            "{n} people have subscribed since the approval, and are not in it.",
            plan.newcomers,
        )
        click.echo(said.format(n=number(plan.newcomers)))
    if plan.first:
        _print_message(plan.first)
    return 0


def _print_message(message: bytes) -> None:
    """The first message as a mail program would show it: its headers, and how its text begins."""
    import email
    from email import policy

    parsed = email.message_from_bytes(message, policy=policy.default)
    click.echo()
    click.echo(click.style(_("The first message:"), bold=True))
    for name in ("From", "To", "Reply-To", "Subject", "Date", "List-Unsubscribe", "List-Unsubscribe-Post"):
        if parsed[name]:
            click.echo(f"  {name}: {parsed[name]}")
    part = parsed.get_body(("plain",))
    lines = part.get_content().splitlines() if part else []
    click.echo()
    for line in lines[:15]:
        click.echo(f"  │ {line}")
    if len(lines) > 15:  # noqa: PLR2004 - enough to know it by
        click.echo("  │ …")


@click.command(cls=Command, help=_("Send what was set for a moment that has come: for cron, or a service."))
@_late
@_rate
@form_option
def run_due(rate: int | None, form: str, *, late: bool) -> int:
    """Send what is due."""
    desk = open_desk()
    worst = 0
    among: list[dict[str, object]] | None = [] if form == "json" else None
    with desk.office() as office:
        for dispatch in sending.due(office):
            try:
                code = _run(desk, office, dispatch, form, rate=rate, late=late, among=among)
            except PvdError as error:
                show.failure(f"{dispatch.id}: {error}", error.hint)
                code = error.exit_code
            worst = max(worst, code)
            if code == INTERRUPTED:
                break
    if among is not None:
        click.echo(json.dumps({"dispatches": among}, ensure_ascii=False, indent=2))
    return worst


@click.command(cls=Command, help=_("Stop DISPATCH after the calls in flight; `resume` goes on."))
@_dispatch
@form_option
def pause(dispatch_id: str, form: str) -> int:
    """Pause a dispatch."""
    desk = open_desk()
    with desk.office() as office:
        done = sending.pause(office, dispatch_id)
        return _told(
            office, dispatch_id, form, done=done, otherwise=_("Dispatch {id} is not being sent: nothing to pause.")
        )


@click.command(cls=Command, help=_("Go on with DISPATCH."))
@_dispatch
@_rate
@form_option
def resume(dispatch_id: str, rate: int | None, form: str) -> int:
    """Go on with a dispatch."""
    desk = open_desk()
    with desk.office() as office:
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch_id)
        if dispatch.state not in {DispatchState.PAUSED, DispatchState.RUNNING}:
            raise WrongUsageError(
                _("dispatch {id} is {state}: there is nothing to go on with").format(
                    id=dispatch.id, state=words.dispatch_state(dispatch.state)
                ),
                _("`pvd-mailer send ISSUE` begins an approved one."),
            )
        return _run(desk, office, dispatch, form, rate=rate)


@click.command(cls=Command, help=_("Call DISPATCH off: whoever is still to be sent to gets nothing."))
@_dispatch
@click.option("--yes", "sure", is_flag=True, help=_("Do not ask."))
@form_option
def cancel(dispatch_id: str, form: str, *, sure: bool) -> int:
    """Cancel a dispatch."""
    desk = open_desk()
    with desk.office() as office:
        if not sure and form == "text" and sys.stdin.isatty():
            agree(_("Call dispatch {id} off for good?").format(id=dispatch_id))
        done = sending.cancel(office, dispatch_id)
        return _told(office, dispatch_id, form, done=done, otherwise=_("Dispatch {id} has ended: nothing to call off."))


def _told(office: Office, dispatch_id: str, form: str, *, done: bool, otherwise: str) -> int:
    with office.database.read() as connection:
        dispatch = dispatches.find(connection, dispatch_id)
        told = account(connection, dispatch_id)
    if form == "json":
        click.echo(json.dumps({"done": done, **as_json(dispatch, told)}, ensure_ascii=False, indent=2))
    else:
        if not done:
            click.echo(otherwise.format(id=dispatch_id))
        print_dispatch(dispatch)
        print_account(dispatch, told)
    return 0 if done else 2


@click.command(
    cls=Command, help=_("Settle the unknown of DISPATCH, once you have looked at the provider's activity list.")
)
@_dispatch
@click.option("--assume", type=click.Choice(["accepted"]), help=_("They have the letter."))
@click.option("--resend", is_flag=True, help=_("They do not: send it to them again."))
@click.option("--cause", type=click.Choice([str(one) for one in Cause]), help=_("Only those unknown for this cause."))
@click.option("--by", "by", metavar=_("NAME"), default="", help=_("Who says so."))
@form_option
def resolve(dispatch_id: str, assume: str | None, cause: str | None, by: str, form: str, *, resend: bool) -> int:
    """Settle what is unknown."""
    if bool(assume) == resend:
        raise click.UsageError(_("Say one of --assume accepted and --resend."))
    desk = open_desk()
    with desk.office() as office:
        with office.database.read() as connection:
            dispatch = dispatches.find(connection, dispatch_id)
        count, told = sending.resolve(office, dispatch, accepted=bool(assume), cause=cause, by=words.person(by))
    if form == "json":
        click.echo(json.dumps({"settled": count, **as_json(dispatch, told)}, ensure_ascii=False, indent=2))
        return 0
    if not count:
        click.echo(_("Nobody of dispatch {id} is unknown for that cause: nothing was changed.").format(id=dispatch_id))
    elif assume:
        said = ngettext(
            "{n} recipient counts as having the letter.", "{n} recipients count as having the letter.", count
        )
        click.echo(said.format(n=number(count)))
    else:
        said = ngettext("{n} recipient is to be sent to again.", "{n} recipients are to be sent to again.", count)
        click.echo(said.format(n=number(count)))
        click.echo(_("Next: pvd-mailer send {issue}").format(issue=dispatch.number))
    print_account(dispatch, told)
    return 0


@click.command(cls=Command, help=_("Show the dispatches and how far they are; with DISPATCH, its whole story."))
@click.argument("dispatch_id", metavar=_("[DISPATCH]"), required=False)
@form_option
def status(dispatch_id: str | None, form: str) -> int:
    """Show dispatches."""
    desk = open_desk()
    with desk.office() as office, office.database.read() as connection:
        if dispatch_id:
            found = [dispatches.find(connection, dispatch_id)]
        else:
            found = dispatches.by_state(connection, list(DispatchState))
        sent = [Sent(one, account(connection, one.id)) for one in found]
        log = dispatches.entries(connection, dispatch_id) if dispatch_id else []
        at_work = is_sender_at_work(office.database)
    if form == "json":
        said = [as_json(one.dispatch, one.account) for one in sent]
        story = [{"at": one.at.isoformat(), "what": one.what, "by": one.by, "detail": one.detail} for one in log]
        click.echo(
            json.dumps({"dispatches": said} | ({"log": story} if dispatch_id else {}), ensure_ascii=False, indent=2)
        )
        return 0
    if not sent:
        click.echo(_("Nothing was approved yet."))
    _print_all(sent)
    stopped = [one.dispatch for one in sent if one.dispatch.state is DispatchState.RUNNING]
    if stopped and not at_work:
        click.echo()
        for one in stopped:
            go_on = _("No sender is at work on dispatch {id}. To go on: pvd-mailer send {issue}")
            click.echo(click.style("! ", fg="yellow") + go_on.format(id=one.id, issue=one.number))
    for entry in log:
        zone = sent[0].dispatch.seal.zone
        detail = moment(datetime.fromisoformat(entry.detail), zone) if entry.what == "scheduled" else entry.detail
        parts = (moment(entry.at, zone), words.event(entry.what, detail), entry.by)
        click.echo("  " + "  ".join(part for part in parts if part))
    return 0


def _print_all(sent: list[Sent]) -> None:
    for index, one in enumerate(sent):
        if index:
            click.echo()
        print_dispatch(one.dispatch)
        print_account(one.dispatch, one.account)


@click.command(
    cls=Command, help=_("Print the account of ISSUE: what became of each dispatch, and of the issue as a whole.")
)
@issue_argument
@form_option
def report(wanted: str, form: str) -> int:
    """Print an issue's account."""
    desk = open_desk()
    with desk.office() as office:
        folder = office.workspace.issue(wanted)
        sent = sending.sent(office, folder.number)
    begun = [one for one in reversed(sent) if one.dispatch.state is not DispatchState.VOID]
    have = sum(one.account.states[State.ACCEPTED] for one in begun if not one.dispatch.seal.rehearsal)
    unknown = sum(one.account.states[State.UNKNOWN] for one in begun if not one.dispatch.seal.rehearsal)
    if form == "json":
        said = [as_json(one.dispatch, one.account) for one in begun]
        total = {"issue": folder.number, "accepted": have, "unknown": unknown, "dispatches": said}
        click.echo(json.dumps(total, ensure_ascii=False, indent=2))
        return 0
    if not begun:
        click.echo(_("Issue {number} was not approved yet.").format(number=folder.number))
        return 0
    _print_all(begun)
    click.echo()
    said_of = _("Issue {number}: {accepted}, {unknown}; rehearsals left aside.")
    counts = {
        name: f"{number(count)} {words.recipient_state(state, count)}"
        for name, state, count in (("accepted", State.ACCEPTED, have), ("unknown", State.UNKNOWN, unknown))
    }
    click.echo(said_of.format(number=folder.number, **counts))
    return 0
