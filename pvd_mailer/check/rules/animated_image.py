"""A picture that moves."""

from collections.abc import Iterator

from pvd_mailer.check.encoding import frames
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    for one in subject.shown:
        number = frames(one.picture)
        if number > 1:
            message = _(
                "this picture moves, in {n} steps: no reader can stop it, and classic Outlook shows the first alone"
            )
            yield Found(message.format(n=number), one.where(one.key))


_BLOCK = '- id: a\n  type: article\n  title: "Les halles"\n  image:\n    file: halle.gif\n    alt: "Une halle de brique."\n    credit: "Léa"\n  body: "Un toit."\n'

RULE = Rule(
    id="animated-image",
    severity=Severity.ADVICE,
    group=Group.IMAGES,
    title=N_("A picture that moves"),
    about=N_(
        "A mail program has no button to stop an animation. It draws the eye from the text of whoever reads slowly, may bring "
        "on a migraine, and is heavy (RGAA 13.8 wants a way to stop it). Classic Outlook on Windows shows the first step only, "
        "which often says nothing."
    ),
    hint=N_("Take a still that says it all; link to a film if the movement matters."),
    failing=(Example(blocks=_BLOCK, pictures={"halle.gif": "moving.gif"}),),
    passing=(Example(blocks=_BLOCK, pictures={"halle.gif": "still.gif"}),),
    find=_find,
)
