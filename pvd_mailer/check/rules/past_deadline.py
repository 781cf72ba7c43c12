"""A deadline in a text that has passed when the letter comes out."""

import re
from collections.abc import Iterator

from pvd_mailer.check.calendar import dates_in, long_day
from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

REACH = 120
"""In characters: how far before a date its deadline's words may begin."""
_BEFORE = {
    "fr": re.compile(
        r"(?i)(?:\bavant\s+le|\bjusqu[’']au|\bd[’']ici\s+(?:le|au)|\bau\s+plus\s+tard\s+le|\brendez-vous\s+(?:le)?|"
        r"\bdate\s+limite(?:\s+\S+){0,3}?\s*:?(?:\s+le)?|\bclôture(?:\s+\S+){0,3}?\s+le|\binscri\w+\s+avant\s+le)\s*$"
    ),
    "en": re.compile(r"(?i)(?:\bbefore|\buntil|\bby|\bno\s+later\s+than|\bdeadline(?:\s+\S+){0,3}?:?)\s*(?:the\s+)?$"),
}
# A sentence that tells of what has been.
_TOLD = {
    "fr": re.compile(
        r"(?i)\b(?:a|ont|est|sont|s’est|se\s+sont)\s+(?:été\s+)?\w{2,}(?:é|ée|és|ées|i|is|it|u|us|ue|ues|ert|erte)\b|\b\w+ai(?:t|ent)\b"
    ),
    "en": re.compile(r"(?i)\b(?:was|were|had|did|has\s+been|took\s+place|\w+ed)\b"),
}


def _find(subject: Subject) -> Iterator[Found]:
    issued = subject.issue.date
    for passage in subject.passages:
        text = passage.plain
        for written in dates_in(text, subject.lang, issued):
            days = written.dates()
            if (
                not days
                or any(day >= issued for day in days)
                or not _BEFORE[subject.lang].search(text[max(0, written.start - REACH) : written.start])
            ):
                continue
            since = max(text.rfind(sign, 0, written.start) for sign in ".!?\n") + 1
            if _TOLD[subject.lang].search(text[since : written.start]):
                continue
            message = _("“{found}” has passed: the issue comes out on {issued}").format(
                found=text[written.start : written.end], issued=long_day(issued, subject.lang)
            )
            yield Found(message, InText(passage, written.start, written.end))


RULE = Rule(
    id="past-deadline",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A deadline before the issue's date"),
    about=N_(
        "“Inscriptions avant le 12 mars”, in an issue that comes out on the 2nd of May: whoever reads it can do nothing any "
        "more. Dates after “avant le”, “jusqu’au”, “d’ici le”, “au plus tard le”, “rendez-vous le”, “date limite” are looked "
        "at; sentences that tell of what has been are left alone."
    ),
    hint=N_("Correct the date, or take out what can no longer be done."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Un concours"\n  body: |\n    Inscrivez-vous avant le vendredi 14 avril !\n'
        ),
        Example(
            head={"lang": "en"}, blocks='- id: a\n  type: article\n  title: "A prize"\n  body: "Apply by 14 April."\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Un concours"\n  body: |\n    Jusqu’au 12 mai. L’exposition s’est tenue '
            "jusqu’au 14 avril, et elle durait jusqu’au 2 avril. Depuis le 3 mars.\n"
        ),
    ),
    find=_find,
)
