"""A letter that leaves this machine lets its reader go: the link is in it, and it leads somewhere."""

from pvd_mailer.errors import PvdError
from pvd_mailer.i18n import _
from pvd_mailer.journal import Seal
from pvd_mailer.letter import Letter

__all__ = ["NoWayOutError", "require_way_out"]

EXAMPLES = ("example.org", "example.com", "example.net", ".example", ".invalid")
"""Domains that nobody reads mail at (RFC 2606): they come with a new workspace, to be replaced."""


class NoWayOutError(PvdError):
    """A reader could not leave."""

    exit_code = 1


def require_way_out(letter: Letter, seal: Seal) -> None:
    """Look that both parts carry the reader's link, and that it works.

    Raises:
        NoWayOutError: a template has lost the link, or nobody would read the mail that it writes.
    """
    places = letter.placeholders
    if places.html("unsubscribe") not in letter.html or places.text("unsubscribe") not in letter.text:
        raise NoWayOutError(
            _("the letter has no link to unsubscribe"),
            _("A template of your publication has lost it: compare it with the built-in one."),
        )
    domain = "." + seal.unsubscribe.rpartition("@")[2].casefold()
    if not seal.rehearsal and domain.endswith(tuple("." + name.removeprefix(".") for name in EXAMPLES)):
        raise NoWayOutError(
            _("nobody reads the address that readers write to when they want to leave"),
            _("Put a mailbox of yours at `unsubscribe` in publication.yaml: it is an example still."),
        )
