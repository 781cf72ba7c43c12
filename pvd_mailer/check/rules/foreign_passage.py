"""A whole passage in the other language."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Example, Group, Rule, Violation
from pvd_mailer.check.text.language import OTHER_LANGUAGE
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_MESSAGES = {
    "fr": N_("this passage is in French, and will be read out in the voice of the letter's own language"),
    "en": N_("this passage is in English, and will be read out in the voice of the letter's own language"),
}


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        if passage.is_foreign:
            yield Violation(_(_MESSAGES[OTHER_LANGUAGE[context.lang]]), TextSpan(passage, 0, len(passage.text)))


RULE = Rule(
    id="foreign-passage",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A passage in another language"),
    description=N_(
        "A screen reader reads a French letter with French sounds; a quotation in English then cannot be understood (RGAA 8.7). An "
        "issue has no way yet to say that one passage is in another language, so that you are told only where a whole "
        "paragraph is certainly English in a French letter, or the other way round. Names, titles and slogans are left alone."
    ),
    hint=N_("Give it in the letter's language, and link to the original; or waive this, if readers are to hear it so."),
    failing=(
        Example(
            blocks='- id: a\n  type: quote\n  body: "The market hall is the heart of the town, and it will be open to all of you."\n  author: "Jane Doe"\n'
        ),
        Example(
            issue_keys={"lang": "en"},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "La halle est le cœur de la ville, et elle sera ouverte à tous dans un an."\n',
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "The Market Hall of the Year"\n  body: |\n    Le prix « The Market Hall of the Year » est décerné à la halle de la ville.\n\n    Time to Change, Back to the Future, The Rise of the Planet of the Apes.\n'
        ),
        Example(
            issue_keys={"lang": "en", "subject": '"The hall opens"', "preheader": '"And a guide."'},
            blocks='- id: a\n  type: article\n  title: "Halls"\n  body: "The hall is the pride of Ville-la-Grande and of the Maison de la Radio et de la Musique."\n',
        ),
    ),
    check=_check,
)
