"""What a server or a stranger said, without whomever it speaks of: for a log, a journal, a screen."""

import re

__all__ = ["tidy"]

LONGEST = 200
"""Characters kept of what a server says."""

# What stands before the @ is looked for from its beginning alone: from each of its characters would take too long.
_ADDRESS = re.compile(
    r"""(?:"[^"]*"|(?<![^\s<>"'(),;:\[\]])[^\s<>"'(),;:\[\]]+)(?:@|%40)[^\s<>"'(),;]+""",
)
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
