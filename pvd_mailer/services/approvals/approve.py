"""Approving: somebody says yes to the letter as it is, and to whom it is for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pvd_mailer import approve, clock
from pvd_mailer.approve import Approval, ApprovalRequest
from pvd_mailer.approve.examples import is_real_recipient
from pvd_mailer.approve.require_unsubscribe import require_unsubscribe_link
from pvd_mailer.database import Connection
from pvd_mailer.database.states import SubscriberState
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.journal import sent_tests
from pvd_mailer.journal.audience_snapshot import AudienceMember
from pvd_mailer.send.channels import Channel
from pvd_mailer.send.sender_identity import sender_identity
from pvd_mailer.services.approvals.hosted_files import require_hosted
from pvd_mailer.services.approvals.inputs import approval_record, check_without_edits, require_no_examples
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.sent_file import ensure_issue_sent_file_known
from pvd_mailer.services.proofs import CheckedLetter
from pvd_mailer.settings import Settings
from pvd_mailer.subscribers import count_suppressed, matching_subscribers, parse_filter
from pvd_mailer.subscribers.filters import AudienceFilter, require_known_tags
from pvd_mailer.subscribers.queries import all_tag_keys
from pvd_mailer.workspace import IssueFolder

if TYPE_CHECKING:  # asking the network brings libraries that a plain check is spared
    from pvd_mailer.services.online import OnlineChecker

__all__ = ["ApprovalResult", "approve_issue"]


@dataclass(frozen=True, slots=True)
class ApprovalResult:
    """An approval, and what is to be said with it.

    Attributes:
        left_out: How many the filter finds who may not be written to, by their state.
        tested_at: When this very letter was tested, the newest first; empty if never.
        hosted_files: How many hosted files were compared; None where that was not asked for.
    """

    approval: Approval
    checked: CheckedLetter
    left_out: dict[SubscriberState, int]
    tested_at: list[str]
    hosted_files: int | None


def _has_real_recipient(context: AppContext, audience_filter: AudienceFilter) -> bool:
    with context.database.read() as connection:
        return any(
            is_real_recipient(subscriber.address_key)
            for subscriber in matching_subscribers(connection, audience_filter)
        )


def _batch_size(settings: Settings, channel: Channel, requested: int | None) -> int:
    """How many recipients a call has: what was asked for, or the setting, as far as channel and rate let it."""
    if requested is not None and requested > channel.batch_size:
        raise WrongUsageError(
            _("{channel} takes at most {most} recipients a call").format(channel=channel.name, most=channel.batch_size),
            _("Ask for fewer with --batch-size, or leave it out."),
        )
    # A batch leaves at once: one larger than a minute's share would break the rate.
    bounds = (requested or settings.batch_size, settings.rate)
    return min([channel.batch_size, *(bound for bound in bounds if bound)])


def approve_issue(
    context: AppContext,
    folder: IssueFolder,
    channel: Channel,
    *,
    audience: str,
    approver: str,
    again: bool = False,
    batch_size: int | None = None,
    check_hosted: bool = False,
    online: "OnlineChecker | None" = None,
) -> ApprovalResult:
    """Render, check, freeze the audience, and seal all of it; the network is asked where `online` says how.

    Raises:
        BlockedError: a finding stands in the way.
        WrongUsageError: the audience is not understood, or empty; or the channel takes no batch of that size.
        ForeignSendError: the record beside the issue tells of a send that the journal does not know.
        UnsupportedLetterError: the channel cannot take this letter.
    """
    size = _batch_size(context.settings, channel, batch_size)
    audience_filter = parse_filter(audience)
    with context.database.read() as connection:
        require_known_tags(audience_filter, all_tag_keys(connection))
    if channel.is_live:
        ensure_issue_sent_file_known(context, folder)
    checked, sources = check_without_edits(context, folder, online)
    record = approval_record(context, checked, channel, audience_filter.text, sources)
    require_unsubscribe_link(checked.letter, record)
    if channel.is_live and _has_real_recipient(context, audience_filter):
        require_no_examples(checked)
    channel.validate(checked.letter, sender_identity(record, checked.issue.publication, checked.issue.number))
    hosted = require_hosted(context, checked) if check_hosted else None

    def people(connection: Connection) -> Iterator[AudienceMember]:
        return (
            AudienceMember(
                subscriber.ref, subscriber.address_key, subscriber.address, subscriber.name, subscriber.created_at
            )
            for subscriber in matching_subscribers(connection, audience_filter)
        )

    request = ApprovalRequest(
        publication=checked.issue.publication,
        number=checked.issue.number,
        letter=checked.letter,
        record=record,
        approved_by=approver,
        batch_size=size,
        again=again,
    )
    with context.database.write() as connection:
        approval = approve.create_approval(
            connection, request, people, context.keys, _("another approval took its place"), clock.now()
        )
    with context.database.read() as connection:
        left_out_counts = count_suppressed(connection, audience_filter)
        tested_at = sent_tests.accepted_tests_of(connection, approval.dispatch.letter)
    return ApprovalResult(approval, checked, dict(left_out_counts), [at.isoformat() for at in tested_at], hosted)
