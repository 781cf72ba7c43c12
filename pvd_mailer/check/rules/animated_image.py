"""A picture that moves."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.images.compression import frame_count
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for image in context.displayed_images:
        count = frame_count(image.picture)
        if count > 1:
            message = _(
                "this picture moves, in {n} steps: no reader can stop it, and classic Outlook shows the first alone"
            )
            yield Violation(message.format(n=count), image.location_of(image.key))


RULE = Rule(
    id="animated-image",
    severity=Severity.ADVICE,
    group=Group.IMAGES,
    title=N_("A picture that moves"),
    description=N_(
        "A mail program has no button to stop an animation. It draws the eye from the text of whoever reads slowly, may bring "
        "on a migraine, and is heavy (RGAA 13.8 wants a way to stop it). Classic Outlook on Windows shows the first step only, "
        "which often says nothing."
    ),
    hint=N_("Take a still that says it all; link to a film if the movement matters."),
    check=_check,
)
