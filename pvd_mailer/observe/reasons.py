"""Why messages came back: by status, and in the far side's words less what makes each of them different."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pvd_mailer.journal.fates import Fate

__all__ = ["Reason", "fold"]

LONGEST = 120
"""Characters kept of what a server says."""
_MOST_WORDS = 2000
_MOST_STATUSES = 100
_SHOWN_WORDS = 3
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# A server's words carry its own name, addresses, numbers of messages and links to help pages. They make every line a
# different one, and a server's name may be a person's.
_PARTICULAR = re.compile(
    r"""
      \S*(?:://|@)\S*                                # links and addresses
    | (?:[0-9a-f]{0,4}:){2,}[0-9a-f]{0,4}            # IPv6
    | \b\d{1,3}(?:\.\d{1,3}){3}\b                    # IPv4
    | (?:[\w-]+\.)+[a-z]{2,}\b[^\s,;]*               # names of machines
    | (?<![\w.-])(?![245]\.\d+\.\d+\b)(?=[\w.-]*\d)[\w.-]{6,}   # identifiers, but no status
    | \b\d{6,}\b
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why so many messages have that fate.

    Attributes:
        status: RFC 3463's code, such as 5.1.1; empty where none was told.
        words: What the far side said most often, with "…" for what differs, and how often.
    """

    fate: Fate
    status: str
    count: int
    words: tuple[tuple[str, int], ...]

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        words = [{"text": text, "count": count} for text, count in self.words]
        return {"fate": str(self.fate), "status": self.status, "count": self.count, "words": words}


def general(text: str) -> str:
    """What a server said, without what is particular to one message or one machine."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: LONGEST * 5]).split())
    line = re.sub(r"…(?:[\s<>()\[\]:;,=-]*…)+", "…", _PARTICULAR.sub("…", line)).strip()
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def fold(rows: Iterable[tuple[Fate, str, str, int]]) -> tuple[Reason, ...]:
    """The reasons, the most frequent first in each fate; however many `rows` differ, only so much is kept."""
    statuses: Counter[tuple[Fate, str]] = Counter()
    words: dict[tuple[Fate, str], Counter[str]] = {}
    kept = 0
    for fate, told, text, count in rows:
        key = (fate, told if _STATUS.fullmatch(told) else "")
        if key not in statuses and len(statuses) >= _MOST_STATUSES:
            key = (fate, "")
        statuses[key] += count
        said = words.setdefault(key, Counter())
        line = general(text)
        if line and (line in said or kept < _MOST_WORDS):
            kept += line not in said
            said[line] += count
    order = list(Fate)
    return tuple(
        Reason(fate, status, count, tuple(sorted(words[fate, status].items(), key=_most)[:_SHOWN_WORDS]))
        for (fate, status), count in sorted(
            statuses.items(), key=lambda one: (order.index(one[0][0]), -one[1], one[0][1])
        )
    )


def _most(one: tuple[str, int]) -> tuple[int, str]:
    return -one[1], one[0]
