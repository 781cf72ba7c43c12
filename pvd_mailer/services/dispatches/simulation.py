"""A dry run: what a send would do now, and nothing done."""

from dataclasses import dataclass

from pvd_mailer import clock
from pvd_mailer.database.states import DispatchState, RecipientState
from pvd_mailer.journal import Dispatch, count_recipients
from pvd_mailer.journal.queries import recipients
from pvd_mailer.letter.mime import build_message
from pvd_mailer.send.channels import Recipient, SendRequest
from pvd_mailer.send.runner import load_approved_letter
from pvd_mailer.send.sender_identity import sender_identity
from pvd_mailer.send.sent_file import ForeignSendError
from pvd_mailer.send.unsubscribe_links import UnsubscribeLinks
from pvd_mailer.services.approvals.inputs import changes_since_approval
from pvd_mailer.services.context import AppContext
from pvd_mailer.services.dispatches.sent_file import ensure_sent_file_known
from pvd_mailer.subscribers import parse_filter
from pvd_mailer.subscribers.exclusions import count_newcomers, first_pending_recipient, suppressed_in_dispatch

__all__ = ["DryRun", "dry_run"]


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a send would do now.

    Attributes:
        pending: How many would get the letter.
        left_out: Address and why, of those who would not.
        newcomers: How many match the audience who came after it was frozen; they are not in it.
        first_message: The first message, as it would be; None where nobody is pending.
    """

    dispatch: Dispatch
    pending: int
    left_out: list[tuple[str, str]]
    newcomers: int
    first_message: bytes | None
    obstacles: list[str]
    """What stands in the way: edits since the approval, or a record of a send that the journal does not know."""


def dry_run(context: AppContext, dispatch: Dispatch) -> DryRun:
    """What `send_dispatch` would do, and nothing done."""
    with context.database.read() as connection:
        totals = count_recipients(connection, dispatch.id)
        suppressed = suppressed_in_dispatch(connection, dispatch.id)
        excluded = recipients.recipients_in_state(connection, dispatch.id, RecipientState.EXCLUDED)
        newcomer_count = count_newcomers(connection, parse_filter(dispatch.approval.audience), dispatch.id)
        first_subscriber = first_pending_recipient(connection, dispatch.id)
    pending = totals.states[RecipientState.PENDING] - len(suppressed)
    message = None
    if first_subscriber:
        position, ref, address, name = first_subscriber
        links = UnsubscribeLinks(context.keys, dispatch.approval.public_url)
        recipient = Recipient(f"{dispatch.id}.{position}", address, name, links.one_click_url(ref))
        letter = load_approved_letter(context.database, dispatch)
        date = clock.now().replace(microsecond=0)
        sender = sender_identity(dispatch.approval, dispatch.publication, dispatch.number)
        message = build_message(letter, SendRequest("", letter, sender, date, (recipient,)).envelope(recipient))
    obstacles: list[str] = []
    if dispatch.state is DispatchState.APPROVED:
        folder = context.workspace.issue(str(dispatch.number))
        obstacles = changes_since_approval(context, folder, dispatch, dispatch.approval.channel_identity)
    try:
        ensure_sent_file_known(context, dispatch)
    except ForeignSendError as error:
        obstacles.append(str(error))
    return DryRun(dispatch, pending, [*excluded, *suppressed], newcomer_count, message, obstacles)
