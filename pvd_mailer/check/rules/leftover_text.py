"""A text that is last month's, word for word."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue.blocks import CallToAction, Heading, Share

__all__ = ["RULE"]

LONG = 8
"""In words: what is shorter may well come again."""
_STEADY = (Heading, Share, CallToAction)
_MONTH = re.compile(
    r"\b(?i:janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)\b"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
_HEAD = frozenset({("subject",), ("preheader",), ("title",)})


def _find(subject: Subject) -> Iterator[Found]:
    before = {_folded(one.text): one for one in subject.last_passages}
    for passage in subject.passages:
        same = before.get(_folded(passage.text))
        if same is None or not _is_news(subject, passage):
            continue
        yield Found(_("this text is word for word that of the last issue"), InText(passage))


def _is_news(subject: Subject, passage: Passage) -> bool:
    """Whether a text is of the kind that is new each month."""
    if passage.path in _HEAD:
        return True
    if passage.block is None or passage.key in ("signature", "credit", "author", "role", "source"):
        return False
    _index, block = subject.blocks[passage.block]
    if isinstance(block, _STEADY) and not _MONTH.search(passage.text):
        return False
    return len(re.findall(r"\w+", passage.text)) >= LONG


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


RULE = Rule(
    id="leftover-text",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A text left over from last month"),
    about=N_(
        "A subject, a preheader, a paragraph or a title of eight words or more that stood in the last issue, word for word: "
        "an issue begun from the last one keeps what nobody rewrote. Headings, calls to action and the invitation to share may "
        "come again, unless they name a month; so may signatures and credits."
    ),
    hint=N_("Write this month's text; if it is meant to come again, waive it with a reason."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    Trois collectivités comparent leurs méthodes et répondent à vos questions.\n',
            last='- id: a\n  type: article\n  title: "Les marchés"\n  body: |\n    Trois collectivités comparent leurs méthodes,\n    et répondent à vos questions.\n',
        ),
        Example(
            blocks='- id: club\n  type: heading\n  title: "Le Club"\n  intro: "Quatre webinaires vous attendent en mars. Choisissez le vôtre."\n',
            last='- id: club\n  type: heading\n  title: "Le Club"\n  intro: "Quatre webinaires vous attendent en mars. Choisissez le vôtre."\n',
        ),
        Example(last=" ", last_head={"subject": '"Le marché couvert rouvre ses portes"'}),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Le chiffre du mois"\n  body: "Une halle rouvre."\n- id: p\n  type: share\n  title: "Transférez cette lettre à celles et ceux qui la liront aussi !"\n',
            last='- id: a\n  type: article\n  title: "Le chiffre du mois"\n  body: "Une gare ferme."\n- id: p\n  type: share\n  title: "Transférez cette lettre à celles et ceux qui la liront aussi !"\n',
        ),
    ),
    find=_find,
)
