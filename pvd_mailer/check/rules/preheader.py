"""What stands beside the subject in the list of messages."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.links import comparable_words
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.letter.inbox_preview import preview_on_phone

__all__ = ["RULE"]

_MAX_LENGTH = 140
"""In characters: beyond, no list of messages shows it."""
_LETTER_START = 2000
"""How much of the letter's text is looked through for it."""


def _check(context: CheckContext) -> Iterator[Violation]:
    passage = context.passage_at("preheader")
    if passage is None:
        return
    text, location = passage.text, TextSpan(passage)
    if comparable_words(text) == comparable_words(context.issue.subject) or comparable_words(text).startswith(
        comparable_words(context.issue.subject)
    ):
        yield Violation(_("the preheader repeats the subject, which stands right beside it"), location)
    elif len(text) > _MAX_LENGTH:
        seen = preview_on_phone("", text).preheader.seen
        message = _("a preheader of {n} characters: nothing shows more than {limit}, and a telephone “{seen}…”")
        yield Violation(message.format(n=len(text), limit=_MAX_LENGTH, seen=seen.rstrip()), location)
    body = context.tree.find("body")
    words = "" if body is None else "".join(body.itertext())[:_LETTER_START]
    if "".join(text.split()) not in "".join(words.split()):
        hint = _("Put {{ issue.preheader }} at the beginning of the template's body, as the built-in one has it.")
        yield Violation(
            _("the letter does not begin with its preheader: mail programs will show other words"), location, hint
        )


RULE = Rule(
    id="preheader",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A preheader that is wasted"),
    description=N_(
        "The words after the subject, in grey, are the letter's second chance to be opened. They are wasted where they repeat the "
        "subject, or where they are so long that nobody sees the end. A "
        "template that has lost the preheader lets mail programs show whatever comes first."
    ),
    hint=N_("Say in 40 to 120 characters what else is in the letter."),
    check=_check,
)
