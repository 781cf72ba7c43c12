"""A sentence that is too long to be read at once."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.texts import Kind
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

LIMIT = 40
_END = re.compile(r"(?:[.!?…]+[\u00a0\u202f ]?»?|\n)(?=\s|$)")
_SHORTENED = re.compile(r"(?:\b(?:M|MM|Mme|Dr|St|Ste|art|cf|ex|p|pp|vol|n|etc|Mr|Mrs|No|vs|[A-Z]))\.$")
_WORD = re.compile(r"[\w’'-]*\w")


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    since = 0
    for match in _END.finditer(text):
        if _SHORTENED.search(text[since : match.end()]):
            continue
        yield since, match.end()
        since = match.end()
    yield since, len(text)


def _find(subject: Subject) -> Iterator[Found]:
    for passage in subject.passages:
        if passage.kind is Kind.SHORT:
            continue
        for start, end in _sentences(passage.text):
            count = len(_WORD.findall(passage.text[start:end]))
            if count > LIMIT:
                first = start + len(passage.text[start:end]) - len(passage.text[start:end].lstrip())
                message = _("this sentence has {n} words; beyond {limit} readers lose the thread").format(
                    n=count, limit=LIMIT
                )
                yield Found(message, InText(passage, first, end))


RULE = Rule(
    id="long-sentence",
    severity=Severity.ADVICE,
    group=Group.READING,
    title=N_("A sentence of more than 40 words"),
    about=N_(
        "Long sentences are read twice or not at all, most of all on a telephone and by those who read with difficulty. Forty "
        "words is generous: half of it is a good measure. Points of a list count each by itself."
    ),
    hint=N_("Make two or three sentences of it, or a list."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    '
            + "Dans cette ville, une halle, un marché et une place que tout le monde connaît, \n    ".replace(
                " \n", "\n"
            )
            * 4
            + "rouvrent.\n"
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: |\n    '
            + "Une halle, un marché et une place rouvrent. M. le maire est là.\n    " * 5
            + "\n\n    - un\n    - deux\n"
        ),
    ),
    find=_find,
)
