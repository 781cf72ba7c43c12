"""A subject of which the list of messages shows too little."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.letter.inbox_preview import preview_on_phone

__all__ = ["RULE"]

_MAX_LENGTH = 70
"""In characters: what a list of messages on a computer has room for."""
_REPLY = re.compile(r"(?i)^(?:re|fwd?|tr|aw)\s*:")
_WORD = re.compile(r"\w+")


def _check(context: CheckContext) -> Iterator[Violation]:
    passage = context.passage_at("subject")
    if passage is None:
        return
    text = passage.text
    seen = preview_on_phone(text, "").subject.seen
    location = TextSpan(passage, 0, len(text))
    if _REPLY.match(text):
        message = _("“{found}”: this looks like an answer to something, and like what deceivers send")
        yield Violation(
            message.format(found=text[:20]), location, _("Take it out: the subject begins with what is new.")
        )
    uninformative = {word.casefold() for name in _uninformative_words(context) for word in _WORD.findall(name)}
    if text != seen and not [
        word for word in _WORD.findall(seen.rpartition(" ")[0]) if word.casefold() not in uninformative
    ]:
        message = _("a telephone shows “{seen}…”, which says no more than who sends it")
        hint = _("Begin with what is new: the sender's name stands right above.")
        yield Violation(message.format(seen=seen.rstrip()), location, hint)
    elif len(text) > _MAX_LENGTH:
        message = _("a subject of {n} characters: a telephone shows “{seen}…”, a computer about {limit} characters")
        yield Violation(message.format(n=len(text), seen=seen.rstrip(), limit=_MAX_LENGTH), location)


def _uninformative_words(context: CheckContext) -> Iterator[str]:
    """What the list of messages shows anyway, and the words that number a letter."""
    publication = context.publication
    yield from (publication.name, publication.letter, publication.sender.name, publication.colophon.organisation)
    yield "lettre newsletter infolettre info information informations numéro n no nº n° mensuelle de d du des la le les l"
    yield "janvier février mars avril mai juin juillet août septembre octobre novembre décembre the of letter issue news"
    yield f"{context.issue.number} {context.issue.date.year} january february march april may june july august"
    yield "september october november december"


RULE = Rule(
    id="subject-line",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A subject that is cut before it says something"),
    description=N_(
        "A telephone shows some 40 characters of the subject, a computer some 70. What is told: a longer one; one whose first 40 "
        "are the publication's name, its number and the month, which stand right above as the sender; and “Re:” before a "
        "letter that answers nobody. The preview shows what both have room for."
    ),
    hint=N_("Shorten it, and put what matters into the first 40 characters."),
    check=_check,
)
