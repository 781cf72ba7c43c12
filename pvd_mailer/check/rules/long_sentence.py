"""A sentence that is too long to be read at once."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.passages import PassageKind
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_MAX_WORDS = 40
_END = re.compile(r"(?:[.!?…]+[\u00a0\u202f ]?»?|\n)(?=\s|$)")
_ABBREVIATION = re.compile(r"(?:\b(?:M|MM|Mme|Dr|St|Ste|art|cf|ex|p|pp|vol|n|etc|Mr|Mrs|No|vs|[A-Z]))\.$")
_WORD = re.compile(r"[\w’'-]*\w")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[start : match.end()]):
            continue
        yield start, match.end()
        start = match.end()
    yield start, len(text)


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        if passage.kind is PassageKind.SHORT:
            continue
        for start, end in _sentences(passage.text):
            count = len(_WORD.findall(passage.text[start:end]))
            if count > _MAX_WORDS:
                first = start + len(passage.text[start:end]) - len(passage.text[start:end].lstrip())
                message = _("this sentence has {n} words; beyond {limit} readers lose the thread").format(
                    n=count, limit=_MAX_WORDS
                )
                yield Violation(message, TextSpan(passage, first, end))


RULE = Rule(
    id="long-sentence",
    severity=Severity.ADVICE,
    group=Group.READING,
    title=N_("A sentence of more than 40 words"),
    description=N_(
        "Long sentences are read twice or not at all, most of all on a telephone and by those who read with difficulty. Forty "
        "words is generous: half of it is a good measure. Points of a list count each by itself."
    ),
    hint=N_("Make two or three sentences of it, or a list."),
    check=_check,
)
