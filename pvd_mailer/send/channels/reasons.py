"""Why a message was not accepted, in words that give nobody away."""

import re

from pvd_mailer.i18n import _
from pvd_mailer.send.channels.base import Cause, Outcome, Result

__all__ = ["no_address", "tidy"]

LONGEST = 200
"""Characters kept of what a server says."""

_ADDRESS = re.compile(r"""(?:"[^"]*"|[^\s<>"'(),;:\[\]]+)(?:@|%40)[^\s<>"'(),;]+""")
# Keys, tokens and identifiers: what they tell is for the provider's own staff.
_KEY = re.compile(r"SG\.\S+|(?<![A-Za-z0-9])[A-Za-z0-9_+/=.-]{28,}")


def tidy(text: str, *, without: tuple[str, ...] = ()) -> str:
    """What a server said, on one line, cut to 200 characters, with "…" for whatever looks like an address or a key.

    Args:
        text: The server's words; hostile until shown.
        without: More that must not stay, such as the name before the @ of the address it speaks of.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: LONGEST * 20]).split())
    line = _KEY.sub("…", _ADDRESS.sub("…", line))
    for word in without:
        if word:
            line = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", line, flags=re.IGNORECASE)
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def no_address() -> Result:
    """The result for an address that cannot be written to, whatever the channel."""
    return Result(Outcome.REFUSED, Cause.ADDRESS, _("this is no address that mail can be sent to"))
