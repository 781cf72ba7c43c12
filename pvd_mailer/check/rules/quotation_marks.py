"""Guillemets in French, curly quotes in English."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.passages import Passage
from pvd_mailer.check.text.typography import BLANKS, NARROW_NBSP, NBSP, surrounding_word
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_INSIDE = re.compile(rf"«(?P<after>[{BLANKS}]*)|(?<![{BLANKS}])(?P<before>[{BLANKS}]*)»")
# Not the inches of a height, 5'10".
_STRAIGHT = re.compile(r'(?<!\d)"|(?<=\d)(?<!\d[\'’]\d)(?<!\d[\'’]\d\d)"(?=[\s,.;:!?)…]|$)')
_CURLY = re.compile("[“”„]")


def _check(context: CheckContext) -> Iterator[Violation]:
    is_french = context.lang == "fr"
    for passage in context.passages:
        if passage.is_foreign:
            continue
        yield from _check_straight(passage, f"«{NBSP}", f"{NBSP}»") if is_french else _check_straight(passage, "“", "”")
        if is_french:
            yield from _check_spaces(passage)
            yield from _check_curly(passage)


def _check_spaces(passage: Passage) -> Iterator[Violation]:
    text = passage.plain
    for match in _INSIDE.finditer(text):
        side = "after" if match["before"] is None else "before"
        start, end = match.span(side)
        # A quotation that begins or ends where the passage does is one that goes on in another.
        if match[side] in (NBSP, NARROW_NBSP) or start == 0 or end == len(text):
            continue
        if text[:start].rstrip(BLANKS).endswith("«") and text[end:].lstrip(BLANKS).startswith("»"):
            continue  # nothing is quoted
        message = _("“{found}”: a no-break space was expected inside the guillemets").format(
            found=surrounding_word(passage.text, match.start(), match.end())
        )
        yield Violation(message, TextSpan(passage, match.start(), match.end()), rewrite=((start, end, NBSP),))


def _check_straight(passage: Passage, opening: str, closing: str) -> Iterator[Violation]:
    """Straight quotes, as pairs where they are pairs."""
    offsets = [match.start() for match in _STRAIGHT.finditer(passage.plain)]
    pairs = list(zip(offsets[::2], offsets[1::2], strict=False)) if len(offsets) % 2 == 0 else []
    text = passage.plain
    are_pairs = all(_can_open(text, start) and _can_close(text, end) for start, end in pairs)
    message = _("“{found}”: straight quotes; {wanted} were expected")
    expected = f"{opening}…{closing}"
    if pairs and are_pairs:
        for start, end in pairs:
            filled_message = message.format(found=text[start : end + 1][:60], wanted=expected)
            nested = _is_nested(text, start) and opening.startswith("«")
            marks = ("“", "”") if nested else (opening, closing)
            replacements = ((start, start + 1, marks[0]), (end, end + 1, marks[1]))
            yield Violation(filled_message, TextSpan(passage, start, end + 1), rewrite=replacements)
        return
    for start in offsets:
        yield Violation(
            message.format(found=surrounding_word(text, start, start + 1), wanted=expected),
            TextSpan(passage, start, start + 1),
        )


def _check_curly(passage: Passage) -> Iterator[Violation]:
    """English quotes around what no guillemets are around."""
    text = passage.plain
    offsets = [match.start() for match in _CURLY.finditer(text) if not _is_nested(text, match.start())]
    pairs = list(zip(offsets[::2], offsets[1::2], strict=False)) if len(offsets) % 2 == 0 else []
    for start, end in pairs:
        message = _("“{found}”: French has guillemets, « … »").format(found=text[start + 1 : end].strip()[:60])
        is_pair = (
            text[start] in "“„" and text[end] in "”“" and text[start + 1 : start + 2].strip() and text[end - 1].strip()
        )
        replacements = ((start, start + 1, f"«{NBSP}"), (end, end + 1, f"{NBSP}»"))
        yield Violation(message, TextSpan(passage, start, end + 1), rewrite=replacements if is_pair else None)


def _is_nested(text: str, offset: int) -> bool:
    return text.count("«", 0, offset) > text.count("»", 0, offset)


def _can_open(text: str, offset: int) -> bool:
    return (offset == 0 or text[offset - 1] in f"{BLANKS}\n(['’«") and text[offset + 1 : offset + 2].strip() != ""


def _can_close(text: str, offset: int) -> bool:
    return text[offset - 1].strip() != "" and (offset + 1 == len(text) or not text[offset + 1].isalnum())


RULE = Rule(
    id="quotation-marks",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Quotation marks"),
    description=N_(
        "French quotes between guillemets, with a no-break space inside: « ainsi ». Straight quotes are a typewriter's, and "
        "English quotes belong to quotations inside a quotation. In English, straight quotes become curly ones. What is "
        "not clearly a pair is told, and left for you to mend."
    ),
    hint=N_("Write « and », with a no-break space inside; `check --fix` does it where the pairs are plain."),
    check=_check,
    fixable=True,
)
