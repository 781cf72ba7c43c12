"""A text that is last month's, word for word."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.dates import months_in
from pvd_mailer.check.text.passages import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue.blocks import CallToAction, Heading, Share, SnippetBlock

__all__ = ["RULE"]

_MIN_WORDS = 8
"""In words: what is shorter may well come again."""
_MIN_WORDS_FOR_RUNS = 20
"""In words: a shorter text is compared as a whole."""
_RUN_LENGTH = 5
"""In words: what two texts have in common is counted in runs of so many."""
_MIN_SHARE = 0.6
"""Of a text's runs: where so many stood in the last issue, most of its sentences did."""
_RECURRING_BLOCKS = (Heading, Share, CallToAction, SnippetBlock)
_ISSUE_TEXTS = frozenset({("subject",), ("preheader",), ("title",)})


def _check(context: CheckContext) -> Iterator[Violation]:
    previous_texts = {_folded(previous.text) for previous in context.previous_passages}
    previous_runs = {run for text in previous_texts for run in _runs(text)}
    for passage in context.passages if previous_texts else ():
        folded = _folded(passage.text)
        if folded in previous_texts:
            if _is_news(context, passage):
                yield Violation(_("this text is word for word that of the last issue"), TextSpan(passage))
            continue
        own_runs = _runs(folded)
        if (
            len(own_runs) > _MIN_WORDS_FOR_RUNS - _RUN_LENGTH
            and sum(run in previous_runs for run in own_runs) >= _MIN_SHARE * len(own_runs)
            and _is_news(context, passage)
        ):
            yield Violation(_("most of this text is that of the last issue"), TextSpan(passage))


def _is_news(context: CheckContext, passage: Passage) -> bool:
    """Whether a text is of the kind that is new each month."""
    if passage.path in _ISSUE_TEXTS:
        return True
    if passage.block is None or passage.key in ("signature", "credit", "author", "role", "source"):
        return False
    _index, block = context.blocks_by_id[passage.block]
    names_another_month = bool(months_in(passage.text, context.lang) - {context.issue.date.month})
    if isinstance(block, _RECURRING_BLOCKS):
        return names_another_month
    return len(re.findall(r"\w+", passage.text)) >= _MIN_WORDS or (passage.key == "title" and names_another_month)


def _runs(text: str) -> list[tuple[str, ...]]:
    words = text.split(" ")
    return list(zip(*(words[offset:] for offset in range(_RUN_LENGTH)), strict=False))


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


RULE = Rule(
    id="leftover-text",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A text left over from last month"),
    description=N_(
        "A subject, a preheader, a paragraph or a title of eight words or more that stood in the last issue, word for word: "
        "an issue begun from the last one keeps what nobody rewrote. A long paragraph of which most is last month's is told as "
        "well. Headings, calls to action and the invitation to share may come again, unless they name a month that is not the "
        "issue's; so may signatures and credits."
    ),
    hint=N_("Write this month's text; if it is meant to come again, waive it with a reason."),
    check=_check,
)
