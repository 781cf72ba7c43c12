"""Guillemets in French, curly quotes in English."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.signs import BLANK, NARROW, NBSP, shown
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_INSIDE = re.compile(rf"«(?P<after>[{BLANK}]*)|(?<![{BLANK}])(?P<before>[{BLANK}]*)»")
# Not the inches of a height, 5'10".
_STRAIGHT = re.compile(r'(?<!\d)"|(?<=\d)(?<!\d[\'’]\d)(?<!\d[\'’]\d\d)"(?=[\s,.;:!?)…]|$)')
_CURLY = re.compile("[“”„]")


def _find(subject: Subject) -> Iterator[Found]:
    french = subject.lang == "fr"
    for passage in subject.passages:
        if passage.is_foreign:
            continue
        yield from _straight(passage, f"«{NBSP}", f"{NBSP}»") if french else _straight(passage, "“", "”")
        if french:
            yield from _spaces(passage)
            yield from _foreign(passage)


def _spaces(passage: Passage) -> Iterator[Found]:
    text = passage.plain
    for match in _INSIDE.finditer(text):
        name = "after" if match["before"] is None else "before"
        start, end = match.span(name)
        # A quotation that begins or ends where the passage does is one that goes on in another.
        if match[name] in (NBSP, NARROW) or start == 0 or end == len(text):
            continue
        if text[:start].rstrip(BLANK).endswith("«") and text[end:].lstrip(BLANK).startswith("»"):
            continue  # nothing is quoted
        message = _("“{found}”: a no-break space was expected inside the guillemets").format(
            found=shown(passage.text, match.start(), match.end())
        )
        yield Found(message, InText(passage, match.start(), match.end()), rewrite=((start, end, NBSP),))


def _straight(passage: Passage, opens: str, closes: str) -> Iterator[Found]:
    """Straight quotes, as pairs where they are pairs."""
    found = [match.start() for match in _STRAIGHT.finditer(passage.plain)]
    pairs = list(zip(found[::2], found[1::2], strict=False)) if len(found) % 2 == 0 else []
    text = passage.plain
    sound = all(_opens(text, one) and _closes(text, two) for one, two in pairs)
    message = _("“{found}”: straight quotes; {wanted} were expected")
    wanted = f"{opens}…{closes}"
    if pairs and sound:
        for one, two in pairs:
            said = message.format(found=text[one : two + 1][:60], wanted=wanted)
            nested = _is_nested(text, one) and opens.startswith("«")
            signs = ("“", "”") if nested else (opens, closes)
            pieces = ((one, one + 1, signs[0]), (two, two + 1, signs[1]))
            yield Found(said, InText(passage, one, two + 1), rewrite=pieces)
        return
    for one in found:
        yield Found(message.format(found=shown(text, one, one + 1), wanted=wanted), InText(passage, one, one + 1))


def _foreign(passage: Passage) -> Iterator[Found]:
    """English quotes around what no guillemets are around."""
    text = passage.plain
    found = [match.start() for match in _CURLY.finditer(text) if not _is_nested(text, match.start())]
    pairs = list(zip(found[::2], found[1::2], strict=False)) if len(found) % 2 == 0 else []
    for one, two in pairs:
        message = _("“{found}”: French has guillemets, « … »").format(found=text[one + 1 : two].strip()[:60])
        sound = text[one] in "“„" and text[two] in "”“" and text[one + 1 : one + 2].strip() and text[two - 1].strip()
        pieces = ((one, one + 1, f"«{NBSP}"), (two, two + 1, f"{NBSP}»"))
        yield Found(message, InText(passage, one, two + 1), rewrite=pieces if sound else None)


def _is_nested(text: str, at: int) -> bool:
    return text.count("«", 0, at) > text.count("»", 0, at)


def _opens(text: str, at: int) -> bool:
    return (at == 0 or text[at - 1] in f"{BLANK}\n(['’«") and text[at + 1 : at + 2].strip() != ""


def _closes(text: str, at: int) -> bool:
    return text[at - 1].strip() != "" and (at + 1 == len(text) or not text[at + 1].isalnum())


RULE = Rule(
    id="quotation-marks",
    severity=Severity.ADVICE,
    group=Group.TYPOGRAPHY,
    title=N_("Quotation marks"),
    about=N_(
        "French quotes between guillemets, with a no-break space inside: « ainsi ». Straight quotes are a typewriter's, and "
        "English quotes belong to quotations inside a quotation. In English, straight quotes become curly ones. What is "
        "not clearly a pair is told, and left for you to mend."
    ),
    hint=N_("Write « and », with a no-break space inside; `check --fix` does it where the pairs are plain."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Il a dit "oui" et «non», puis “peut-être”.\n'
        ),
        Example(blocks="- id: a\n  type: article\n  title: 'Un \"oui'\n  body: |\n    Le mot « oui » suffit.\n"),
        Example(
            head={"lang": "en"}, blocks='- id: a\n  type: article\n  title: "Halls"\n  body: |\n    He said "yes".\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    « Elle a lu “Le Bourg” hier », dit-on.\n'.replace(
                "« ", "«\u00a0"
            ).replace(" »", "\u00a0»")
        ),
        Example(
            head={"lang": "en"},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: |\n    He said “yes”, and was 5\'10" tall.\n',
        ),
        Example(
            blocks='- id: a\n  type: article\n  title: "Une citation"\n  body: |\n    The hall is the heart of the town and it is open to all: are you ready? It’s “free”!\n'
        ),
    ),
    find=_find,
    mends=True,
)
