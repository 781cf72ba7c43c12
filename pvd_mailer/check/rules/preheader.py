"""What stands beside the subject in the list of messages."""

from collections.abc import Iterator

from pvd_mailer.check.links import plainly
from pvd_mailer.check.rule import Example, Found, Group, InText, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.letter.inbox import on_phone

__all__ = ["RULE"]

LONG = 140
"""In characters: beyond, no list of messages shows it."""
AHEAD = 2000
"""How much of the letter's text is looked through for it."""


def _find(subject: Subject) -> Iterator[Found]:
    passage = subject.passage("preheader")
    if passage is None:
        return
    text, at = passage.text, InText(passage)
    if plainly(text) == plainly(subject.issue.subject) or plainly(text).startswith(plainly(subject.issue.subject)):
        yield Found(_("the preheader repeats the subject, which stands right beside it"), at)
    elif len(text) > LONG:
        seen = on_phone("", text).preheader.seen
        message = _("a preheader of {n} characters: nothing shows more than {limit}, and a telephone “{seen}…”")
        yield Found(message.format(n=len(text), limit=LONG, seen=seen.rstrip()), at)
    body = subject.tree.find("body")
    words = "" if body is None else "".join(body.itertext())[:AHEAD]
    if "".join(text.split()) not in "".join(words.split()):
        hint = _("Put {{ issue.preheader }} at the beginning of the template's body, as the built-in one has it.")
        yield Found(_("the letter does not begin with its preheader: mail programs will show other words"), at, hint)


RULE = Rule(
    id="preheader",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A preheader that is wasted"),
    about=N_(
        "The words after the subject, in grey, are the letter's second chance to be opened. They are wasted where they repeat the "
        "subject, or where they are so long that nobody sees the end. A "
        "template that has lost the preheader lets mail programs show whatever comes first."
    ),
    hint=N_("Say in 40 to 120 characters what else is in the letter."),
    failing=(
        Example(head={"preheader": '"Le marché couvert rouvre ses portes."'}),
        Example(head={"preheader": f'"{"Un webinaire et un guide, " * 7}et le reste."'}),
        Example(rewrite={"Un webinaire sur les commerces": ""}),
    ),
    passing=(
        Example(head={"preheader": '"Et aussi : quatre webinaires du Club en mars, et le guide du Fonds vert."'}),
    ),
    find=_find,
)
