"""A picture that has too few pixels for its place, or far too many."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_TOO_FEW = 0.75
"""Of the width that it is shown at: a little less is not seen."""
_TOO_MANY = 4
"""Times the width that it is shown at: a telephone's screen has three pixels for one."""
_LIGHT = 50_000
"""In bytes: a picture that is light may have as many pixels as it likes."""


def _check(context: CheckContext) -> Iterator[Violation]:
    for image in context.displayed_images:
        if image.width is None:
            continue
        pixel_width = image.picture.width
        values = {"has": pixel_width, "width": image.width, "twice": 2 * image.width}
        if pixel_width < _TOO_FEW * image.width:
            message = _("this picture is {has} pixels wide and shown {width} wide: it will be blurred")
            hint = _("Take one that is {twice} pixels wide.").format(**values)
            yield Violation(message.format(**values), image.location_of(image.key), hint)
        elif pixel_width > _TOO_MANY * image.width and len(image.picture.data) > _LIGHT:
            message = _("this picture is {has} pixels wide and shown {width} wide: {twice} are enough")
            hint = _("Save it again {twice} pixels wide, under the same name.").format(**values)
            yield Violation(message.format(**values), image.location_of(image.key), hint)


RULE = Rule(
    id="image-measures",
    severity=Severity.ADVICE,
    group=Group.IMAGES,
    title=N_("A picture too small or too large for its place"),
    description=N_(
        "The letter shows pictures up to 600 pixels wide. One with clearly fewer pixels than its place is stretched and blurred; "
        "one with four times as many, where it also weighs more than 50 KB, sends readers what no screen shows. Twice the "
        "width of its place is right for the fine screens of telephones."
    ),
    hint=N_("Save it again, twice as wide as it is shown."),
    check=_check,
)
