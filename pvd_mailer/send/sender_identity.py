"""Who a letter comes from, as its approval says."""

from typing import Literal

from pvd_mailer.journal import ApprovalRecord
from pvd_mailer.letter.mime import feedback_id
from pvd_mailer.send.channels import SenderIdentity
from pvd_mailer.send.unsubscribe_links import unsubscribe_mailto

__all__ = ["sender_identity"]


def sender_identity(
    approval: ApprovalRecord, publication: str, number: int, kind: Literal["letter", "test"] = "letter"
) -> SenderIdentity:
    """Who issue `number` of `publication` comes from, as it was approved."""
    return SenderIdentity(
        name=approval.sender_name,
        address=approval.sender_address,
        reply_to=approval.reply_to,
        list_name=approval.list_name,
        list_id=approval.list_id,
        unsubscribe_mailto=unsubscribe_mailto(approval.unsubscribe, approval.list_id),
        feedback_id=feedback_id(str(number), publication, kind, approval.sender_address),
    )
