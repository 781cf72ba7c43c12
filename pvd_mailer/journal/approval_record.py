"""What an approval seals beside the letter's bytes: who sends, how, to whom, and from which sources."""

import json
from dataclasses import asdict, dataclass

__all__ = ["ApprovalRecord"]


@dataclass(frozen=True, slots=True)
class ApprovalRecord:
    """What was in force when somebody said yes; stored as JSON, and never changed.

    Attributes:
        sender_name: With `sender_address`, the From.
        channel: As `--channel` names it.
        channel_identity: Which account of which server, without a secret.
        rehearsal: Nothing leaves this machine for real.
        audience: The filter, in its canonical spelling.
        audience_digest: Keyed hash of the frozen recipients; tells two audiences apart and names nobody.
        sources: SHA-256 by file, relative to the workspace, of all that the letter was made from.
        static_url: Where `publish` puts pictures and archive; None where the readers' site has them.
        archive: Whether the letter may be read on the web once it was sent.
        from_record: Nobody of this database sealed it: it is what the record beside the issue tells of a dispatch that
            the database has lost.
    """

    lang: str
    zone: str
    sender_name: str
    sender_address: str
    reply_to: str | None
    list_name: str
    list_id: str
    unsubscribe: str
    public_url: str | None
    channel: str
    channel_identity: str
    rehearsal: bool
    audience: str
    audience_digest: str
    sources: dict[str, str]
    # With defaults, for approvals that were sealed before these were known.
    static_url: str | None = None
    archive: bool = True
    from_record: bool = False

    def as_json(self) -> str:
        """The stored text; the same for the same seal."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "ApprovalRecord":
        """The seal that was stored as `text`."""
        return cls(**json.loads(text))
