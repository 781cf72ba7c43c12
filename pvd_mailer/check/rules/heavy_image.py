"""A picture that weighs more than it has to."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.images.compression import lightest_recompression
from pvd_mailer.check.images.images import kilobytes
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_HEAVY = 100_000
"""In bytes: below, nobody waits for a picture."""
_VERY_HEAVY = 400_000
_WORTHWHILE_SHARE = 0.7
"""How much of its weight may be left at most for a change to be worth the trouble."""


def _check(context: CheckContext) -> Iterator[Violation]:
    for image in context.displayed_images:
        size = len(image.picture.data)
        if size <= _HEAVY:
            continue
        lightest = lightest_recompression(image.picture, image.width or image.picture.width)
        if lightest is not None and lightest.size <= size * _WORTHWHILE_SHARE:
            message = _("this picture weighs {size} KB; as {kind}, {width} × {height} pixels, it would weigh {less} KB")
            message = message.format(
                size=kilobytes(size),
                kind=lightest.image_format,
                width=lightest.width,
                height=lightest.height,
                less=kilobytes(lightest.size),
            )
            yield Violation(message, image.location_of(image.key))
        elif size > _VERY_HEAVY:
            message = _("this picture weighs {size} KB; readers on a telephone wait for it, and pay for it")
            hint = _("Take a simpler picture, a smaller cut of it, or a still instead of an animation.")
            yield Violation(message.format(size=kilobytes(size)), image.location_of(image.key), hint)


RULE = Rule(
    id="heavy-image",
    severity=Severity.ADVICE,
    group=Group.IMAGES,
    title=N_("A picture that is too heavy"),
    description=N_(
        "A picture of more than 100 KB is written again, as JPEG and as PNG, twice as wide as the letter shows it; if that saves "
        "a third or more, you are told what it would weigh. Nothing is replaced. A letter's pictures travel with every "
        "message, or wait to be fetched over a telephone's network, where a megabyte is a long time."
    ),
    hint=N_("Save it again like this, with any program for pictures, under the same name."),
    check=_check,
)
