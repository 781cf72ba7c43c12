"""`reconcile`: what to do where `sent.json` knows more than the database."""

import json
from collections.abc import Iterable

import click

from pvd_mailer.cli.context import FullHelpCommand, form_option, issue_argument, load_context
from pvd_mailer.cli.output.dispatch import format_number
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.services.dispatches import sent_file_reconciliation
from pvd_mailer.services.dispatches.sent_file_reconciliation import ReconciliationResult

__all__ = ["print_reconciled", "reconcile_command"]


@click.command(
    "reconcile",
    cls=FullHelpCommand,
    help=_("Where sent.json knows more than an older database: call unknown whoever may have ISSUE. Sends nothing."),
)
@issue_argument
@form_option
def reconcile_command(issue_name: str, form: str) -> int:
    """Reconcile the journal with the record beside an issue."""
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        reconciled = sent_file_reconciliation.reconcile_alone(app_context, app_context.workspace.issue(issue_name))
    if form == "json":
        content = {
            "issue": reconciled.number,
            "raised": reconciled.raised,
            "taken_up": reconciled.adopted,
            "void": reconciled.voided,
        }
        click.echo(json.dumps(content, ensure_ascii=False, indent=2))
        return 0
    if not reconciled:
        click.echo(_("The database knows all that sent.json tells: there is nothing to do."))
        return 0
    print_reconciled([reconciled])
    return 0


def print_reconciled(reconciled_issues: Iterable[ReconciliationResult]) -> None:
    """Say what was unknown to the database, and how somebody decides on it."""
    for reconciled in reconciled_issues:
        for dispatch_id, count in reconciled.raised.items():
            text = ngettext(
                "Dispatch {id} of issue {number} went on without this database: {n} recipient may have the letter.",
                "Dispatch {id} of issue {number} went on without this database: {n} recipients may have the letter.",
                count,
            )
            click.echo(text.format(id=dispatch_id, number=reconciled.number, n=format_number(count)))
        for dispatch_id, count in reconciled.adopted.items():
            text = ngettext(
                "Dispatch {id} of issue {number} is known from sent.json alone: {n} person may have got it.",
                "Dispatch {id} of issue {number} is known from sent.json alone: any of {n} people may have got it.",
                count,
            )
            click.echo(text.format(id=dispatch_id, number=reconciled.number, n=format_number(count)))
        _print_sent_file_counts(reconciled)
        if reconciled.voided:
            click.echo(
                ngettext(
                    "{n} approval is void: {ids}. Approve again what is still to be sent.",
                    "{n} approvals are void: {ids}. Approve again what is still to be sent.",
                    len(reconciled.voided),
                ).format(n=len(reconciled.voided), ids=", ".join(reconciled.voided))
            )
        if reconciled.raised or reconciled.adopted:
            click.echo(_("Look who they are, then decide, as `status` says:"))
        for dispatch_id in (*reconciled.raised, *reconciled.adopted):
            click.echo(f"  pvd-mailer recipients {dispatch_id} --state unknown")
            click.echo(f"  pvd-mailer status {dispatch_id}")


def _print_sent_file_counts(reconciled: ReconciliationResult) -> None:
    """What the record knows of how far each went, and of people whom this database does not know."""
    for dispatch_id, (recipients, accepted) in reconciled.recorded.items():
        text = _("  sent.json: {accepted} of {recipients} accepted when it was written. Take care with --resend.")
        click.echo(text.format(accepted=format_number(accepted), recipients=format_number(recipients)))
        missing = recipients - reconciled.adopted.get(dispatch_id, recipients)
        if missing > 0:
            text = ngettext(
                "  {n} of them is not in this database; whoever comes in later is left out of this issue.",
                "  {n} of them are not in this database; whoever comes in later is left out of this issue.",
                missing,
            )
            click.echo(text.format(n=format_number(missing)))
