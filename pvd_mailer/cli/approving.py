"""`test` and `approve`."""

import json

import click

from pvd_mailer.cli import show, words
from pvd_mailer.cli.account import number
from pvd_mailer.cli.desk import (
    INCOMPLETE,
    Command,
    channel_option,
    form_option,
    issue_argument,
    online_option,
    open_desk,
)
from pvd_mailer.database.states import State
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.send.channels import Outcome
from pvd_mailer.workflow.approving import approve_issue, test_issue

__all__ = ["approve", "test"]


@click.command(cls=Command, help=_("Send ISSUE to a few people, as it is and marked as a test, before it is approved."))
@issue_argument
@click.option("--to", "to", metavar=_("ADDRESS"), multiple=True, required=True, help=_("Who gets it; may be repeated."))
@channel_option
@form_option
def test(wanted: str, to: tuple[str, ...], channel: str | None, form: str) -> int:
    """Test an issue."""
    desk = open_desk()
    with desk.office() as office:
        folder = office.workspace.issue(wanted)
        tested = test_issue(office, folder, desk.channel(channel, office), to)
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "subject": tested.subject,
                    "sealed": tested.sealed,
                    "results": [
                        {"outcome": str(one.outcome), "cause": one.cause, "reason": one.reason}
                        for one in tested.results.values()
                    ],
                },
                ensure_ascii=False,
                indent=2,
            )
        )
    else:
        click.echo(_("Subject: {subject}").format(subject=tested.subject))
        for address, result in tested.results.items():
            good = result.outcome is Outcome.ACCEPTED
            mark = click.style("✓" if good else "✗", fg="green" if good else "red")
            why = f" {words.cause(str(result.cause))}" if result.cause else ""
            reason = f" ({result.reason})" if result.reason else ""
            click.echo(f"  {mark} {address}{why}{reason}")
        if tested.sealed:
            click.echo(_("These are the bytes that were approved."))
        elif any(one.outcome is Outcome.ACCEPTED for one in tested.results.values()):
            click.echo(_("Read it on a computer and on a phone, then:"))
            click.echo(_("  pvd-mailer approve {issue} --audience all --by NAME").format(issue=wanted))
    return 0 if all(one.outcome is Outcome.ACCEPTED for one in tested.results.values()) else INCOMPLETE


@click.command(
    cls=Command,
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
def approve(
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
    desk = open_desk()
    name = words.person(by)
    if not name:
        raise click.BadParameter(_("write the name of whoever says yes"), param_hint="--by")
    with desk.office() as office:
        folder = office.workspace.issue(wanted)
        approved = approve_issue(
            office,
            folder,
            desk.channel(channel, office),
            audience=audience,
            by=name,
            again=again,
            batch_size=batch_size,
            check_hosted=check_hosted,
            outside=desk.outside() if online else None,
        )
    dispatch, frozen = approved.approval.dispatch, approved.approval.frozen
    if form == "json":
        click.echo(
            json.dumps(
                {
                    "dispatch": dispatch.id,
                    "issue": dispatch.number,
                    "channel": dispatch.seal.channel,
                    "rehearsal": dispatch.seal.rehearsal,
                    "letter": dispatch.letter,
                    "audience_filter": dispatch.seal.audience,
                    "recipients": frozen.audience - frozen.excluded,
                    "already": frozen.excluded,
                    "left_out": {str(state): count for state, count in approved.left_out.items()},
                    "voided": approved.approval.voided,
                    "tests": approved.tests,
                    "hosted": approved.hosted,
                },
                ensure_ascii=False,
                indent=2,
            )
        )
        return 0
    show.findings(approved.proof.findings, wanted)
    click.echo(
        click.style("✓ ", fg="green")
        + _("Issue {number} is approved: dispatch {id}").format(
            number=dispatch.number, id=click.style(dispatch.id, bold=True)
        )
    )
    reached = frozen.audience - frozen.excluded
    rows = [
        (_("subject"), approved.proof.letter.subject),
        (_("sender"), f"{dispatch.seal.sender_name} <{dispatch.seal.sender_address}>"),
        (
            _("channel"),
            dispatch.seal.channel_identity + (_(" (a rehearsal: nothing leaves)") if dispatch.seal.rehearsal else ""),
        ),
        (
            _("audience"),
            f"{dispatch.seal.audience} — "
            + ngettext("{n} recipient", "{n} recipients", reached).format(n=number(reached)),
        ),
        (_("digest"), dispatch.letter[:16]),
    ]
    for label, value in rows:
        click.echo(f"  {label:<13} {value}")
    if approved.hosted is not None:
        said = ngettext("{n} file is there, to the byte", "{n} files are there, to the byte", approved.hosted)
        label = _("hosted")
        click.echo(f"  {label:<13} {said.format(n=number(approved.hosted))}")
    if frozen.excluded:
        said = ngettext(
            "{n} has this issue already, or is about to get it by another dispatch",
            "{n} have this issue already, or are about to get it by another dispatch",
            frozen.excluded,
        )
        label = words.recipient_state(State.EXCLUDED, frozen.excluded)
        click.echo(f"  {label:<13} {said.format(n=number(frozen.excluded))}")
    for state, count in sorted(approved.left_out.items()):
        label = words.recipient_state(State.EXCLUDED, count)
        click.echo(f"  {label:<13} {number(count)} – {words.cause(str(state))}")
    if approved.approval.voided:
        click.echo(_("The approval {id}, which had not begun, is void.").format(id=approved.approval.voided))
    if not approved.tests:
        click.echo(
            click.style("! ", fg="yellow")
            + _("Nobody has had this letter as a test yet: pvd-mailer test {issue} --to ADDRESS").format(issue=wanted)
        )
    click.echo(_("Next: pvd-mailer send {issue} --dry-run, then pvd-mailer send {issue}").format(issue=wanted))
    return 0
