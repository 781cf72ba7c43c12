"""What `send --dry-run` shows: how many, who is left out and why, and the first message."""

import email
import json
from email import policy

import click

from pvd_mailer.cli.output import labels
from pvd_mailer.cli.output.dispatch import format_number, print_dispatch
from pvd_mailer.database.states import RecipientState
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.journal import Dispatch
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches import simulation

__all__ = ["print_dry_run"]


def print_dry_run(app_context: AppContext, dispatch: Dispatch, form: str) -> int:
    """Print what a send would do, and do nothing."""
    plan = simulation.dry_run(app_context, dispatch)
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "dispatch": dispatch.id,
                    "pending": plan.pending,
                    "left_out": [{"address": address, "why": cause} for address, cause in plan.left_out],
                    "newcomers": plan.newcomers,
                    "changes": plan.obstacles,
                    "first": plan.first_message.decode() if plan.first_message else None,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0
    click.echo(click.style(_("A dry run: nothing leaves."), bold=True))
    print_dispatch(dispatch)
    for change in plan.obstacles:
        click.echo(click.style("! ", fg="yellow") + _("It would not leave: {change}").format(change=change))
    text = ngettext("{n} person would get the letter.", "{n} people would get the letter.", plan.pending)
    click.echo(text.format(n=format_number(plan.pending)))
    for address, cause in plan.left_out[:20]:
        excluded = labels.recipient_state_label(RecipientState.EXCLUDED, 1)
        click.echo(f"  {excluded}{_(': ')}{address}, {labels.cause_label(cause)}")
    if len(plan.left_out) > 20:  # noqa: PLR2004 - what fits a screen; --format json has them all
        click.echo("  " + _("and {n} more").format(n=format_number(len(plan.left_out) - 20)))
    if plan.newcomers:
        text = ngettext(
            "{n} person has subscribed since the approval, and is not in it.",
            "{n} people have subscribed since the approval, and are not in it.",
            plan.newcomers,
        )
        click.echo(text.format(n=format_number(plan.newcomers)))
    if plan.first_message:
        _print_message(plan.first_message)
    return 0


def _print_message(message: bytes) -> None:
    """The first message as a mail program would show it: its headers, and how its text begins."""
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
