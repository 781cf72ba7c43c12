"""`status` and `report`: where dispatches stand, and what became of an issue."""

import json
from datetime import datetime

import click

from pvd_mailer.cli import words
from pvd_mailer.cli.account import as_json, moment, number, print_account, print_dispatch
from pvd_mailer.cli.desk import Command, form_option, issue_argument, open_desk
from pvd_mailer.database.lock import is_sender_at_work
from pvd_mailer.database.states import DispatchState, State
from pvd_mailer.i18n import _
from pvd_mailer.journal import account, dispatches
from pvd_mailer.send.record import Sent
from pvd_mailer.workflow import sending

__all__ = ["report", "status"]

LARGEST_NUMBER = 9999
"""As in the name of an issue's folder."""


@click.command(cls=Command, help=_("Show the dispatches and how far they are; with DISPATCH, its whole story."))
@click.argument("dispatch_id", metavar=_("[DISPATCH]"), required=False)
@form_option
def status(dispatch_id: str | None, form: str) -> int:
    """Show dispatches."""
    desk = open_desk()
    with desk.office() as office:
        sending.notice_lost(office)
        at_work = is_sender_at_work(office.database)
        with office.database.read() as connection:
            if dispatch_id:
                found = [dispatches.find(connection, dispatch_id)]
            else:
                found = dispatches.by_state(connection, list(DispatchState))
            sent = [Sent(one, account(connection, one.id)) for one in found]
            log = dispatches.entries(connection, dispatch_id) if dispatch_id else []
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
        # The folder of an issue of last year may be elsewhere; what became of it is in the journal.
        asked = int(wanted) if wanted.isdecimal() and wanted.isascii() else office.workspace.issue(wanted).number
        sending.notice_lost(office)
        sent = sending.sent(office, asked) if asked <= LARGEST_NUMBER else []
        if not sent:
            office.workspace.issue(wanted)  # a number that is nobody's is told so
    begun = [one for one in reversed(sent) if one.dispatch.state is not DispatchState.VOID] or sent[:1]
    have = sum(one.account.states[State.ACCEPTED] for one in begun if not one.dispatch.seal.rehearsal)
    unknown = sum(one.account.states[State.UNKNOWN] for one in begun if not one.dispatch.seal.rehearsal)
    if form == "json":
        said = [as_json(one.dispatch, one.account) for one in begun]
        total = {"issue": asked, "accepted": have, "unknown": unknown, "dispatches": said}
        click.echo(json.dumps(total, ensure_ascii=False, indent=2))
        return 0
    if not begun:
        click.echo(_("Issue {number} was not approved yet.").format(number=asked))
        return 0
    _print_all(begun)
    click.echo()
    said_of = _("Issue {number}: {accepted}, {unknown}; rehearsals left aside.")
    counts = {
        name: f"{number(count)} {words.recipient_state(state, count)}"
        for name, state, count in (("accepted", State.ACCEPTED, have), ("unknown", State.UNKNOWN, unknown))
    }
    click.echo(said_of.format(number=asked, **counts))
    return 0
