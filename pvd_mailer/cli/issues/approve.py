"""`test` and `approve`."""

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
from pvd_mailer.cli.output.approval import approval_json, is_accepted, print_approval, print_test, test_json
from pvd_mailer.i18n import _
from pvd_mailer.services.approvals.approve import approve_issue
from pvd_mailer.services.approvals.letter_tests import send_test

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
def test_command(issue_name: str, to: tuple[str, ...], channel: str | None, form: str) -> int:
    """Test an issue."""
    cli_context = load_context()
    with cli_context.app_context() as app_context:
        folder = app_context.workspace.issue(issue_name)
        tested = send_test(app_context, folder, cli_context.channel(channel, app_context), to)
    if form == "json":
        click.echo(json.dumps(test_json(tested), ensure_ascii=False, indent=2))
    else:
        print_test(tested, issue_name)
    return 0 if all(is_accepted(delivery) for delivery in tested.results.values()) else EXIT_INCOMPLETE


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
    issue_name: str,
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
        folder = app_context.workspace.issue(issue_name)
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
    if form == "json":
        click.echo(json.dumps(approval_json(approved), ensure_ascii=False, indent=2))
    else:
        diagnostics.print_findings(approved.checked.findings, issue_name)
        print_approval(approved, issue_name)
    return 0
