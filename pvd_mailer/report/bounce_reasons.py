"""Why messages came back: by status, and in the far side's words less what makes each of them different."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from pvd_mailer.journal.queries.delivery_status import DeliveryStatus

__all__ = ["FailureReason", "group_reasons"]

_MAX_LENGTH = 120
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
class FailureReason:
    """Why so many messages have that fate.

    Attributes:
        status: RFC 3463's code, such as 5.1.1; empty where none was told.
        words: What the far side said most often, with "…" for what differs, and how often.
    """

    fate: DeliveryStatus
    status: str
    count: int
    words: tuple[tuple[str, int], ...]

    def as_json(self) -> dict[str, object]:
        """The documented JSON object."""
        words = [{"text": text, "count": count} for text, count in self.words]
        return {"fate": str(self.fate), "status": self.status, "count": self.count, "words": words}


def generalise(text: str) -> str:
    """What a server said, without what is particular to one message or one machine."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: _MAX_LENGTH * 5]).split())
    line = re.sub(r"…(?:[\s<>()\[\]:;,=-]*…)+", "…", _PARTICULAR.sub("…", line)).strip()
    return line if len(line) <= _MAX_LENGTH else line[: _MAX_LENGTH - 1] + "…"


def group_reasons(rows: Iterable[tuple[DeliveryStatus, str, str, int]]) -> tuple[FailureReason, ...]:
    """The reasons, the most frequent first in each fate; however many `rows` differ, only so much is kept."""
    statuses: Counter[tuple[DeliveryStatus, str]] = Counter()
    words: dict[tuple[DeliveryStatus, str], Counter[str]] = {}
    line_count = 0
    for fate, reported_code, text, count in rows:
        key = (fate, reported_code if _STATUS.fullmatch(reported_code) else "")
        if key not in statuses and len(statuses) >= _MOST_STATUSES:
            key = (fate, "")
        statuses[key] += count
        lines = words.setdefault(key, Counter())
        line = generalise(text)
        if line and (line in lines or line_count < _MOST_WORDS):
            line_count += line not in lines
            lines[line] += count
    order = list(DeliveryStatus)
    return tuple(
        FailureReason(
            fate, status, count, tuple(sorted(words[fate, status].items(), key=_most_frequent_first)[:_SHOWN_WORDS])
        )
        for (fate, status), count in sorted(
            statuses.items(), key=lambda item: (order.index(item[0][0]), -item[1], item[0][1])
        )
    )


def _most_frequent_first(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]
