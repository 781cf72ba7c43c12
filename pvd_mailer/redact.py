"""What a server or a stranger said, without whomever it speaks of: for a log, a journal, a screen."""

import re

__all__ = ["redact"]

_MAX_LENGTH = 200
"""Characters kept of what a server says."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\0]")
"""Characters that nobody sees."""
# What the signs of an address become in a report, a URL, a page, a log or by a person's hand; before a domain alone.
_AT = re.compile(
    r"\s?(?:[@\uff20\ufe6b]|%(?:25)*40|=40|&#0*64;|&#x0*40;|&commat;|\\u0040|[(\[]\s?at\s?[)\]])\s?"
    r"(?=[\w-]+(?:\.|%2e|=2e|&#46;)[^\W\d])",
    re.IGNORECASE,
)
# What stands before the @ is looked for from its beginning alone: from each of its characters would take too long.
_ADDRESS = re.compile(
    r"""(?:"[^"]*"|(?<![^\s<>"'(),;:\[\]])[^\s<>"'(),;:\[\]]+)(?:@|%40)[^\s<>"'(),;]+""",
)
# Keys, tokens and identifiers: what they tell is for the provider's own staff.
_KEY = re.compile(r"SG\.\S+|(?<![A-Za-z0-9])[A-Za-z0-9_+/=.-]{28,}")


def redact(text: str, *, without: tuple[str, ...] = ()) -> str:
    """What a server said, on one line, cut to 200 characters, with "…" for whatever looks like an address or a key.

    Args:
        text: The server's words; hostile until shown.
        without: More that must not stay, such as the name before the @ of the address it speaks of.
    """
    start = text[: _MAX_LENGTH * 20]
    if len(text) > len(start):  # the last word may be half an address
        start = re.sub(r"\S+\Z", "…", start)
    visible = _INVISIBLE.sub("", start)
    if not visible.isprintable():
        visible = "".join(c if c.isprintable() else " " for c in visible)
    line = " ".join(visible.split())
    line = _AT.sub("@", line)
    line = _KEY.sub("…", _ADDRESS.sub("…", line))
    for word in without:
        if word and _may_hold(line, word):
            line = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "…", line, flags=re.IGNORECASE)
    return line if len(line) <= _MAX_LENGTH else line[: _MAX_LENGTH - 1] + "…"


def _may_hold(line: str, word: str) -> bool:
    """Whether `word` has to be looked for: a pattern of its own for each person takes longer than all else here.

    Beyond ASCII, two letters that only a pattern takes for one may differ in lower case.
    """
    return not (line.isascii() and word.isascii()) or word.lower() in line.lower()
