"""`test_command` and `approve_command`."""

import json

import click

from pvd_mailer.cli.context import (
    EXIT_INCOMPLETE,
    FullHelpCommand,
    channel_option,
    form_option,
    issue_argument,
    load_context,
    online_option,
)
from pvd_mailer.cli.output import diagnostics, labels
from pvd_mailer.cli.output.dispatch import format_number
from pvd_mailer.database.states import RecipientState
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.send.channels import DeliveryOutcome
from pvd_mailer.services.approvals import approve_issue
from pvd_mailer.services.letter_tests import send_test

__all__ = ["approve_command", "test_command"]


@click.command(
    "test",
    cls=FullHelpCommand,
    help=_("Send ISSUE to a few people, as it is and marked as a test, before it is approved."),
)
@issue_argument
@click.option("--to", "to", metavar=_("ADDRESS"), multiple=True, required=True, help=_("Who gets it; may be repeated."))
@channel_option
@form_option
def test_command(wanted: str, to: tuple[str, ...], channel: str | None, form: str) -> int:
    """Test an issue."""
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        folder = app_context.workspace.issue(wanted)
        test_result = send_test(app_context, folder, cli_context.channel(channel, app_context), to)
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "subject": test_result.subject,
                    "sealed": test_result.is_approved_letter,
                    "results": [
                        {"outcome": str(delivery.outcome), "cause": delivery.cause, "reason": delivery.reason}
                        for delivery in test_result.results.values()
                    ],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        click.echo(_("Subject: {subject}").format(subject=test_result.subject))
        for address, result in test_result.results.items():
            is_accepted = result.outcome is DeliveryOutcome.ACCEPTED
            mark = click.style("✓" if is_accepted else "✗", fg="green" if is_accepted else "red")
            cause = f" {labels.cause_label(str(result.cause))}" if result.cause else ""
            reason = f" ({result.reason})" if result.reason else ""
            click.echo(f"  {mark} {address}{cause}{reason}")
        if test_result.is_approved_letter:
            click.echo(_("These are the bytes that were approved."))
        elif any(delivery.outcome is DeliveryOutcome.ACCEPTED for delivery in test_result.results.values()):
            click.echo(_("Read it on a computer and on a phone, then:"))
            click.echo(_("  pvd-mailer approve {issue} --audience all --by NAME").format(issue=wanted))
    return (
        0
        if all(delivery.outcome is DeliveryOutcome.ACCEPTED for delivery in test_result.results.values())
        else EXIT_INCOMPLETE
    )


@click.command(
    "approve",
    cls=FullHelpCommand,
    help=_("Say yes to ISSUE: the letter, its sender, channel and audience are sealed, and `send` takes them."),
)
@issue_argument
@click.option(
    "--audience",
    metavar=_("FILTER"),
    required=True,
    help=_("Who it is for: `all`, or such as 'role:maire and department:35'."),
)
@click.option("--by", "by", metavar=_("NAME"), required=True, help=_("Who says yes."))
@channel_option
@click.option(
    "--batch-size",
    type=click.IntRange(1, 1000),
    help=_("At most so many recipients a call; without it, as the settings say."),
)
@click.option("--again", is_flag=True, help=_("Also for those who have this issue already."))
@click.option(
    "--check-hosted",
    is_flag=True,
    help=_("First fetch every hosted picture and calendar, and compare it with the letter's; stop where one differs."),
)
@online_option
@form_option
def approve_command(
    wanted: str,
    audience: str,
    by: str,
    channel: str | None,
    batch_size: int | None,
    form: str,
    *,
    again: bool,
    check_hosted: bool,
    online: bool,
) -> int:
    """Approve an issue."""
    cli_context = load_context()
    name = labels.printable_name(by)
    if not name:
        raise click.BadParameter(_("write the name of whoever says yes"), param_hint="--by")
    with cli_context.app_context() as app_context:
        folder = app_context.workspace.issue(wanted)
        approved = approve_issue(
            app_context,
            folder,
            cli_context.channel(channel, app_context),
            audience=audience,
            approver=name,
            again=again,
            batch_size=batch_size,
            check_hosted=check_hosted,
            online=cli_context.online_checker() if online else None,
        )
    dispatch, snapshot = approved.approval.dispatch, approved.approval.frozen
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "dispatch": dispatch.id,
                    "issue": dispatch.number,
                    "channel": dispatch.approval.channel,
                    "rehearsal": dispatch.approval.rehearsal,
                    "letter": dispatch.letter,
                    "audience_filter": dispatch.approval.audience,
                    "recipients": snapshot.audience - snapshot.excluded,
                    "already": snapshot.excluded,
                    "left_out": {str(state): count for state, count in approved.left_out.items()},
                    "voided": approved.approval.voided,
                    "tests": approved.tested_at,
                    "hosted": approved.hosted_files,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0
    diagnostics.print_findings(approved.checked.findings, wanted)
    click.echo(
        click.style("✓ ", fg="green")
        + _("Issue {number} is approved: dispatch {id}").format(
            number=dispatch.number, id=click.style(dispatch.id, bold=True)
        )
    )
    recipient_count = snapshot.audience - snapshot.excluded
    rows = [
        (_("subject"), approved.checked.letter.subject),
        (_("sender"), f"{dispatch.approval.sender_name} <{dispatch.approval.sender_address}>"),
        (
            _("channel"),
            dispatch.approval.channel_identity
            + (_(" (a rehearsal: nothing leaves)") if dispatch.approval.rehearsal else ""),
        ),
        (
            _("audience"),
            f"{dispatch.approval.audience} — "
            + ngettext("{n} recipient", "{n} recipients", recipient_count).format(n=format_number(recipient_count)),
        ),
        (_("digest"), dispatch.letter[:16]),
    ]
    for label, value in rows:
        click.echo(f"  {label:<13} {value}")
    if approved.hosted_files is not None:
        text = ngettext("{n} file is there, to the byte", "{n} files are there, to the byte", approved.hosted_files)
        label = _("hosted")
        click.echo(f"  {label:<13} {text.format(n=format_number(approved.hosted_files))}")
    if snapshot.excluded:
        text = ngettext(
            "{n} has this issue already, or is about to get it by another dispatch",
            "{n} have this issue already, or are about to get it by another dispatch",
            snapshot.excluded,
        )
        label = labels.recipient_state_label(RecipientState.EXCLUDED, snapshot.excluded)
        click.echo(f"  {label:<13} {text.format(n=format_number(snapshot.excluded))}")
    for state, count in sorted(approved.left_out.items()):
        label = labels.recipient_state_label(RecipientState.EXCLUDED, count)
        click.echo(f"  {label:<13} {format_number(count)} – {labels.cause_label(str(state))}")
    if approved.approval.voided:
        click.echo(_("The approval {id}, which had not begun, is void.").format(id=approved.approval.voided))
    if not approved.tested_at:
        click.echo(
            click.style("! ", fg="yellow")
            + _("Nobody has had this letter as a test yet: pvd-mailer test {issue} --to ADDRESS").format(issue=wanted)
        )
    click.echo(_("Next: pvd-mailer send {issue} --dry-run, then pvd-mailer send {issue}").format(issue=wanted))
    return 0
