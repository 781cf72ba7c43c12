"""`--fix`: which findings can be mended at once, and the proof that the sense stays as it was.

Fixes are splices of the file's text, so that nothing else in it moves. Before anything is written, the mended file is
read again as an issue and compared, value by value, with what was there: letters, digits, links, what is bold
and what is a list have to be the same, the parameters that only count clicks and the spelling of HTML's entities apart.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it.token import Token
from pydantic import BaseModel

from pvd_mailer.check.entities import decoded
from pvd_mailer.check.tracking import fewer, untracked
from pvd_mailer.findings import Finding, Fix
from pvd_mailer.issue import Issue
from pvd_mailer.issue.manuscript import Manuscript
from pvd_mailer.issue.prose import Prose

__all__ = ["Mending", "mending", "same_sense"]

Reader = Callable[[bytes], Issue | None]

# An ordinal's ending is a convention: 1ère, 1re and 1^re^ are the same number.
_ORDINAL = re.compile(r"\b(\d+|[IVXLCDM]{2,}|[VX])\^?(?:ers?|[èe]?res?|nde?s?|i?[èe]mes?|es?|è)\^?(?!\w)")
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s)>\"]*|[\w.+'’-]+@[\w-]+(?:\.[\w-]+)+")
_QUOTES = dict.fromkeys(map(ord, '«»“”„‟"‹›'), '"')
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼ´`"), "'")
_DASHES = dict.fromkeys(map(ord, "–—−‐‑"), "-")
_FOLDED = str.maketrans(_QUOTES | _APOSTROPHES | _DASHES | {ord("œ"): "oe", ord("Œ"): "oe", ord("…"): "..."})


@dataclass(frozen=True, slots=True)
class Mending:
    """A mended file, still to be written.

    Attributes:
        raw: Its bytes.
        mended: The findings whose fixes are in it.
    """

    raw: bytes
    mended: tuple[Finding, ...]


def mending(issue: Issue, manuscript: Manuscript, findings: Iterable[Finding], read: Reader) -> Mending | None:
    """The file with as many fixes as go together; None where there is nothing that can be mended.

    `read` gives the issue that bytes say, or None where they say none.
    """
    chosen = _apart([one for one in findings if one.fix is not None and one.waived is None])
    if not chosen:
        return None
    kept: list[Finding] = []
    raw: bytes | None = None
    waiting = [chosen]
    while waiting:
        part = waiting.pop()
        attempt = _tried(issue, manuscript, [*kept, *part], read)
        if attempt is not None:
            kept, raw = [*kept, *part], attempt
        elif len(part) > 1:
            # One of them does harm: it is found by halves, and left out.
            middle = len(part) // 2
            waiting += [part[middle:], part[:middle]]
    return Mending(raw, tuple(kept)) if raw is not None else None


def _apart(findings: list[Finding]) -> list[Finding]:
    """Those of `findings` whose splices do not touch; the first one wins, the other has its turn in the next round."""
    taken: set[int] = set()
    chosen = []
    for one in findings:
        splices = one.fix.splices if one.fix else ()
        offsets = {offset for splice in splices for offset in range(splice.start, splice.end + 1)}
        if taken.isdisjoint(offsets):
            taken |= offsets
            chosen.append(one)
    return chosen


def _tried(issue: Issue, manuscript: Manuscript, findings: list[Finding], read: Reader) -> bytes | None:
    """The file with the fixes of `findings`; None where it would not say the same."""
    fixes: list[Fix] = [one.fix for one in findings if one.fix is not None]
    raw = manuscript.spliced(splice for fix in fixes for splice in fix.splices)
    after = read(raw)
    return raw if raw != manuscript.raw and after is not None and same_sense(issue, after) else None


def same_sense(before: Issue, after: Issue) -> bool:
    """Whether two issues say the same, typography apart."""
    return _same(before, after)


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if isinstance(one, BaseModel):
        return all(_same(getattr(one, name), getattr(other, name)) for name in type(one).model_fields)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, Prose):
        return one.source == other.source or _same_words(list(_pieces(one.tokens)), list(_pieces(other.tokens)))
    if isinstance(one, str):
        return _same_words([one], [other])
    return bool(one == other)


def _same_words(before: list[str], after: list[str]) -> bool:
    if before == after:
        return True
    return len(before) == len(after) and all(
        a == b or (_ADDRESS.findall(a) == _ADDRESS.findall(b) and _sense(a) == _sense(b))
        for a, b in zip(map(_plain, before), map(_plain, after), strict=True)
    )


def _plain(text: str) -> str:
    return fewer(decoded(text))


def _pieces(tokens: Iterable[Token]) -> Iterator[str]:
    """The words of a rich text, and between them its marks and the targets of its links, which stay in place."""
    words = ""
    for token in tokens:
        if token.type == "inline":
            yield from _pieces(token.children or ())
        elif token.type in ("text", "text_special"):
            words += token.content
        elif token.type in ("sup_open", "sup_close"):
            words += "^"
        elif token.type == "softbreak":
            words += " "
        else:
            yield words
            words = ""
            yield token.type
            if token.type == "link_open":
                yield untracked(str(token.attrs["href"]))
    yield words


def _sense(text: str) -> str:
    """`text` without what typography decides: blanks, the shape of quotes and dashes, accents of capitals, ordinals."""
    text = _ORDINAL.sub(r"\1e", unicodedata.normalize("NFC", text).translate(_FOLDED))
    text = re.sub(r"(?<=\d)H", "h", re.sub(r"\s+", "", text))
    return "".join(unicodedata.normalize("NFD", sign)[0] if sign.isupper() else sign for sign in text)
