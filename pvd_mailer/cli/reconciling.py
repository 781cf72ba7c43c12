"""`reconcile`: what to do where `sent.json` knows more than the database."""

import json
from collections.abc import Iterable

import click

from pvd_mailer.cli.account import number
from pvd_mailer.cli.desk import Command, form_option, issue_argument, open_desk
from pvd_mailer.database.lock import sender_lock
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.workflow import reconciling
from pvd_mailer.workflow.reconciling import Reconciled

__all__ = ["reconcile", "tell_reconciled"]


@click.command(
    cls=Command,
    help=_("Where sent.json knows more than an older database: call unknown whoever may have ISSUE. Sends nothing."),
)
@issue_argument
@form_option
def reconcile(wanted: str, form: str) -> int:
    """Reconcile the journal with the record beside an issue."""
    desk = open_desk()
    with desk.office() as office:
        folder = office.workspace.issue(wanted)
        with sender_lock(office.database):
            done = reconciling.reconcile(office.database, folder)
    if form == "json":
        said = {"issue": done.number, "raised": done.raised, "taken_up": done.taken_up, "void": done.void}
        click.echo(json.dumps(said, ensure_ascii=False, indent=2))
        return 0
    if not done:
        click.echo(_("The database knows all that sent.json tells: there is nothing to do."))
        return 0
    tell_reconciled([done])
    return 0


def tell_reconciled(found: Iterable[Reconciled]) -> None:
    """Say what was unknown to the database, and how somebody decides on it."""
    for done in found:
        for dispatch_id, count in done.raised.items():
            said = ngettext(
                "Dispatch {id} of issue {number} went on without this database: {n} recipient may have the letter.",
                "Dispatch {id} of issue {number} went on without this database: {n} recipients may have the letter.",
                count,
            )
            click.echo(said.format(id=dispatch_id, number=done.number, n=number(count)))
        for dispatch_id, count in done.taken_up.items():
            said = ngettext(
                "Dispatch {id} of issue {number} is known from sent.json alone: {n} person may have got it.",
                "Dispatch {id} of issue {number} is known from sent.json alone: any of {n} people may have got it.",
                count,
            )
            click.echo(said.format(id=dispatch_id, number=done.number, n=number(count)))
        _tell_recorded(done)
        if done.void:
            click.echo(
                ngettext(
                    "{n} approval is void: {ids}. Approve again what is still to be sent.",
                    "{n} approvals are void: {ids}. Approve again what is still to be sent.",
                    len(done.void),
                ).format(n=len(done.void), ids=", ".join(done.void))
            )
        if done.raised or done.taken_up:
            click.echo(_("Look who they are, then decide, as `status` says:"))
        for dispatch_id in (*done.raised, *done.taken_up):
            click.echo(f"  pvd-mailer recipients {dispatch_id} --state unknown")
            click.echo(f"  pvd-mailer status {dispatch_id}")


def _tell_recorded(done: Reconciled) -> None:
    """What the record knows of how far each went, and of people whom this database does not know."""
    for dispatch_id, (recipients, accepted) in done.recorded.items():
        said = _("  sent.json: {accepted} of {recipients} accepted when it was written. Take care with --resend.")
        click.echo(said.format(accepted=number(accepted), recipients=number(recipients)))
        missing = recipients - done.taken_up.get(dispatch_id, recipients)
        if missing > 0:
            said = ngettext(
                "  {n} of them is not in this database; whoever comes in later is left out of this issue.",
                "  {n} of them are not in this database; whoever comes in later is left out of this issue.",
                missing,
            )
            click.echo(said.format(n=number(missing)))
