"""A whole passage in the other language."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
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
    check=_check,
)
