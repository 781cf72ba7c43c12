"""What has changed since an approval: before it has begun, any of this voids it."""

from pvd_mailer.i18n import _
from pvd_mailer.journal import ApprovalRecord

__all__ = ["stale_reasons"]


def stale_reasons(
    record: ApprovalRecord,
    sources: dict[str, str],
    *,
    sender: tuple[str, str, str | None],
    public_url: str | None,
    static_url: str | None,
    channel_identity: str,
) -> list[str]:
    """What is not as it was sealed, in words; nothing where the approval stands.

    Args:
        record: What was approved.
        sources: The digests of the files as they are.
        sender: Name, address and reply address as they are.
        public_url: The setting as it is.
        static_url: Likewise.
        channel_identity: The channel's account as it is.
    """
    reasons = [
        *(
            _("{file} was edited").format(file=file)
            for file in sorted(sources.keys() & record.sources.keys())
            if sources[file] != record.sources[file]
        ),
        *(_("{file} is new").format(file=file) for file in sorted(sources.keys() - record.sources.keys())),
        *(_("{file} is gone").format(file=file) for file in sorted(record.sources.keys() - sources.keys())),
    ]
    if sender != (record.sender_name, record.sender_address, record.reply_to):
        reasons.append(_("the sender is another one"))
    if public_url != record.public_url:
        reasons.append(_("PVD_PUBLIC_URL is another one"))
    if static_url != record.static_url:
        reasons.append(_("PVD_STATIC_URL is another one"))
    if channel_identity != record.channel_identity:
        reasons.append(
            _("the channel is another one: {now} instead of {then}").format(
                now=channel_identity, then=record.channel_identity
            )
        )
    return reasons
