"""What `test` and `approve` did, as an editor reads it and as a program does."""

from collections.abc import Iterator

import click

from pvd_mailer.cli.output import labels
from pvd_mailer.cli.output.dispatch import format_number
from pvd_mailer.database.states import RecipientState
from pvd_mailer.i18n import _, ngettext
from pvd_mailer.send.channels import DeliveryOutcome, DeliveryResult
from pvd_mailer.services.approvals.approve import ApprovalResult
from pvd_mailer.services.approvals.letter_tests import LetterTestResult

__all__ = ["approval_json", "is_accepted", "print_approval", "print_test", "test_json"]


def is_accepted(delivery: DeliveryResult) -> bool:
    """Whether the channel took the message."""
    return delivery.outcome is DeliveryOutcome.ACCEPTED


def test_json(tested: LetterTestResult) -> dict[str, object]:
    """The documented JSON object of a test; it holds no address."""
    return {
        "subject": tested.subject,
        "sealed": tested.is_approved_letter,
        "results": [
            {"outcome": str(delivery.outcome), "cause": delivery.cause, "reason": delivery.reason}
            for delivery in tested.results.values()
        ],
    }


def print_test(tested: LetterTestResult, issue: str) -> None:
    """Whom the test reached, and what to do next; `issue` is what the command was called with."""
    click.echo(_("Subject: {subject}").format(subject=tested.subject))
    for address, delivery in tested.results.items():
        mark = click.style("✓", fg="green") if is_accepted(delivery) else click.style("✗", fg="red")
        cause = f" {labels.cause_label(str(delivery.cause))}" if delivery.cause else ""
        reason = f" ({delivery.reason})" if delivery.reason else ""
        click.echo(f"  {mark} {address}{cause}{reason}")
    if tested.is_approved_letter:
        click.echo(_("These are the bytes that were approved."))
    elif any(is_accepted(delivery) for delivery in tested.results.values()):
        click.echo(_("Read it on a computer and on a phone, then:"))
        click.echo(_("  pvd-mailer approve {issue} --audience all --by NAME").format(issue=issue))


def approval_json(approved: ApprovalResult) -> dict[str, object]:
    """The documented JSON object of an approval; it holds no address."""
    dispatch, snapshot = approved.approval.dispatch, approved.approval.frozen
    return {
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
    }


def print_approval(approved: ApprovalResult, issue: str) -> None:
    """What was approved, who is left out of it, and what to do next; `issue` is what the command was called with."""
    dispatch = approved.approval.dispatch
    click.echo(
        click.style("✓ ", fg="green")
        + _("Issue {number} is approved: dispatch {id}").format(
            number=dispatch.number, id=click.style(dispatch.id, bold=True)
        )
    )
    for label, value in (*_approved_rows(approved), *_left_out_rows(approved)):
        click.echo(f"  {label:<13} {value}")
    if approved.approval.voided:
        click.echo(_("The approval {id}, which had not begun, is void.").format(id=approved.approval.voided))
    if not approved.tested_at:
        click.echo(
            click.style("! ", fg="yellow")
            + _("Nobody has had this letter as a test yet: pvd-mailer test {issue} --to ADDRESS").format(issue=issue)
        )
    click.echo(_("Next: pvd-mailer send {issue} --dry-run, then pvd-mailer send {issue}").format(issue=issue))


def _approved_rows(approved: ApprovalResult) -> Iterator[tuple[str, str]]:
    dispatch, snapshot = approved.approval.dispatch, approved.approval.frozen
    record = dispatch.approval
    yield _("subject"), approved.checked.letter.subject
    yield _("sender"), f"{record.sender_name} <{record.sender_address}>"
    rehearsal = _(" (a rehearsal: nothing leaves)") if record.rehearsal else ""
    yield _("channel"), record.channel_identity + rehearsal
    count = snapshot.audience - snapshot.excluded
    recipients = ngettext("{n} recipient", "{n} recipients", count).format(n=format_number(count))
    yield _("audience"), f"{record.audience} — {recipients}"
    yield _("digest"), dispatch.letter[:16]
    if approved.hosted_files is not None:
        text = ngettext("{n} file is there, to the byte", "{n} files are there, to the byte", approved.hosted_files)
        yield _("hosted"), text.format(n=format_number(approved.hosted_files))


def _left_out_rows(approved: ApprovalResult) -> Iterator[tuple[str, str]]:
    excluded = approved.approval.frozen.excluded
    if excluded:
        text = ngettext(
            "{n} has this issue already, or is about to get it by another dispatch",
            "{n} have this issue already, or are about to get it by another dispatch",
            excluded,
        )
        yield (
            labels.recipient_state_label(RecipientState.EXCLUDED, excluded),
            text.format(n=format_number(excluded)),
        )
    for state, count in sorted(approved.left_out.items()):
        label = labels.recipient_state_label(RecipientState.EXCLUDED, count)
        yield label, f"{format_number(count)} – {labels.cause_label(str(state))}"
