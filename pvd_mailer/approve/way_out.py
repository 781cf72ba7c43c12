"""A letter that leaves this machine lets its reader go: the link is in it, and it leads somewhere."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Seal
from pvd_mailer.letter import Letter
from pvd_mailer.online.reach import is_public

__all__ = ["NoWayOutError", "is_reachable", "require_way_out"]

EXAMPLES = ("example.org", "example.com", "example.net", "example", "invalid")
"""Domains where nobody is (RFC 2606): they come with a new workspace, to be replaced."""
HERE = ("localhost", "local", "internal")
"""Names of this machine or network (RFC 6761, RFC 6762)."""


class NoWayOutError(PvdError):
    """A reader could not leave."""

    exit_code = 1


def require_way_out(letter: Letter, seal: Seal) -> None:
    """Look that both parts carry the reader's link, and that it works.

    Raises:
        NoWayOutError: a template has lost the link, nobody would read the mail that it writes, or the site and the
            hosted pictures are at an example's address or on this machine.
    """
    places = letter.placeholders
    if places.html("unsubscribe") not in letter.html or places.text("unsubscribe") not in letter.text:
        raise NoWayOutError(
            _("the letter has no link to unsubscribe"),
            _("A template of your publication has lost it: compare it with the built-in one."),
        )
    if seal.rehearsal:
        return
    if _is_in(seal.unsubscribe.rpartition("@")[2], EXAMPLES):
        raise NoWayOutError(
            _("nobody reads the address that readers write to when they want to leave"),
            _("Put a mailbox of yours at `unsubscribe` in publication.yaml: it is an example still."),
        )
    for setting, url in (("PVD_PUBLIC_URL", seal.public_url), ("PVD_STATIC_URL", seal.static_url)):
        if url is not None and not is_reachable(url):
            raise NoWayOutError(
                _("the letter would lead its readers to {url}, where they find nothing").format(url=url),
                _("Set {name} to your own https address, or take it out.").format(name=setting),
            )


def _is_in(host: str, domains: tuple[str, ...]) -> bool:
    return f".{host.casefold().rstrip('.')}".endswith(tuple(f".{name}" for name in domains))


def is_reachable(url: str) -> bool:
    """Whether readers may get there, as far as its spelling tells; one click wants https (RFC 8058, section 3.1)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" and is_public(ip_address(host))
    except ValueError:  # a name
        return parts.scheme == "https" and not _is_in(host, EXAMPLES + HERE)
