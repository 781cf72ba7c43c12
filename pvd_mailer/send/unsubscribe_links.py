"""The links in a letter that are one reader's own."""

from urllib.parse import quote

from pvd_mailer.keys import KeyRing
from pvd_mailer.tokens import MAX_TOKEN_LENGTH, Purpose, TokenSigner

__all__ = ["UnsubscribeLinks", "longest_field_values", "unsubscribe_mailto"]


def unsubscribe_mailto(mailbox: str, list_id: str) -> str:
    """The link by which a reader asks to leave by mail (RFC 2369, RFC 6068)."""
    subject = quote(f"unsubscribe {list_id}")
    return f"mailto:{mailbox}?subject={subject}"


def longest_field_values(public_url: str | None, mailbox: str, list_id: str) -> dict[str, str]:
    """By field of the letter, a value as long as any reader's can be: for weighing, not for reading."""
    by_mail = unsubscribe_mailto(mailbox, list_id)
    by_click = f"{public_url}/u/{'x' * MAX_TOKEN_LENGTH}" if public_url else ""
    return {"unsubscribe": max(by_mail, by_click, key=len)}


class UnsubscribeLinks:
    """Makes the links of a dispatch; without a public address there are none."""

    def __init__(self, keys: KeyRing, public_url: str | None) -> None:
        self._public_url = public_url
        self._signer = TokenSigner(keys, Purpose.UNSUBSCRIBE)

    def one_click_url(self, subscriber_ref: str | None) -> str | None:
        """Where RFC 8058's POST goes for that subscriber; None where there is no site, or no such subscriber."""
        if self._public_url is None or subscriber_ref is None:
            return None
        return f"{self._public_url}/u/{self._signer.sign(subscriber_ref)}"
