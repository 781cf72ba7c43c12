"""A photograph that tells where it was taken."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.images.compression import has_gps_position
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for image in context.displayed_images:
        if has_gps_position(image.picture):
            yield Violation(_("this photograph carries the place where it was taken"), image.location_of(image.key))


RULE = Rule(
    id="image-position",
    severity=Severity.BLOCKING,
    group=Group.IMAGES,
    title=N_("A photograph that tells where it was taken"),
    description=N_(
        "A telephone writes into each photograph where it stood, to a few metres: somebody's home, perhaps, or a school. "
        "Nobody sees it, and anybody can read it, in every copy of the letter. Looked for in EXIF and in XMP, in JPEG and in PNG."
    ),
    hint=N_("Save the picture again without its metadata (in most programs “Export”, with location off)."),
    check=_check,
)
