"""What has changed since an approval: before it has begun, any of this voids it."""

from pvd_mailer.i18n import _
from pvd_mailer.journal import Seal

__all__ = ["changes"]


def changes(
    seal: Seal,
    sources: dict[str, str],
    *,
    sender: tuple[str, str, str | None],
    public_url: str | None,
    static_url: str | None,
    identity: str,
) -> list[str]:
    """What is not as it was sealed, in words; nothing where the approval stands.

    Args:
        seal: What was approved.
        sources: The digests of the files as they are.
        sender: Name, address and reply address as they are.
        public_url: The setting as it is.
        static_url: Likewise.
        identity: The channel's account as it is.
    """
    said = [
        *(
            _("{file} was edited").format(file=file)
            for file in sorted(sources.keys() & seal.sources.keys())
            if sources[file] != seal.sources[file]
        ),
        *(_("{file} is new").format(file=file) for file in sorted(sources.keys() - seal.sources.keys())),
        *(_("{file} is gone").format(file=file) for file in sorted(seal.sources.keys() - sources.keys())),
    ]
    if sender != (seal.sender_name, seal.sender_address, seal.reply_to):
        said.append(_("the sender is another one"))
    if public_url != seal.public_url:
        said.append(_("PVD_PUBLIC_URL is another one"))
    if static_url != seal.static_url:
        said.append(_("PVD_STATIC_URL is another one"))
    if identity != seal.channel_identity:
        said.append(
            _("the channel is another one: {now} instead of {then}").format(now=identity, then=seal.channel_identity)
        )
    return said
