"""A letter that leaves this machine lets its reader go: the link is in it, and it leads somewhere."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _
from pvd_mailer.journal import ApprovalRecord
from pvd_mailer.letter import Letter
from pvd_mailer.online.reach import is_public_ip

__all__ = ["NoUnsubscribeLinkError", "is_public_url", "require_unsubscribe_link"]

EXAMPLE_DOMAINS = ("example.org", "example.com", "example.net", "example", "invalid")
"""Domains where nobody is (RFC 2606): they come with a new workspace, to be replaced."""
_LOCAL_DOMAINS = ("localhost", "local", "internal")
"""Names of this machine or network (RFC 6761, RFC 6762)."""


class NoUnsubscribeLinkError(PvdError):
    """A reader could not leave."""

    exit_code = 1


def require_unsubscribe_link(letter: Letter, record: ApprovalRecord) -> None:
    """Look that both parts carry the reader's link, and that it works.

    Raises:
        NoUnsubscribeLinkError: a template has lost the link, nobody would read the mail that it writes, or the site and
            the hosted pictures are at an example's address or on this machine.
    """
    placeholders = letter.placeholders
    if placeholders.html("unsubscribe") not in letter.html or placeholders.text("unsubscribe") not in letter.text:
        raise NoUnsubscribeLinkError(
            _("the letter has no link to unsubscribe"),
            _("A template of your publication has lost it: compare it with the built-in one."),
        )
    if record.rehearsal:
        return
    if _is_in(record.unsubscribe.rpartition("@")[2], EXAMPLE_DOMAINS):
        raise NoUnsubscribeLinkError(
            _("nobody reads the address that readers write to when they want to leave"),
            _("Put a mailbox of yours at `unsubscribe` in publication.yaml: it is an example still."),
        )
    for setting, url in (("PVD_PUBLIC_URL", record.public_url), ("PVD_STATIC_URL", record.static_url)):
        if url is not None and not is_public_url(url):
            raise NoUnsubscribeLinkError(
                _("the letter would lead its readers to {url}, where they find nothing").format(url=url),
                _("Set {name} to your own https address, or take it out.").format(name=setting),
            )


def _is_in(host: str, domains: tuple[str, ...]) -> bool:
    return f".{host.casefold().rstrip('.')}".endswith(tuple(f".{name}" for name in domains))


def is_public_url(url: str) -> bool:
    """Whether readers may get there, as far as its spelling tells; one click wants https (RFC 8058, section 3.1)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and is_public_ip(ip_address(host))
    except ValueError:  # a name
        return parts.scheme == "https" and not _is_in(host, EXAMPLE_DOMAINS + _LOCAL_DOMAINS)
