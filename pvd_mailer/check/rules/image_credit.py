"""A picture that does not say whose it is."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_PICTURE_ROLE = re.compile(r"(?i)photo|illustration|image|visuel|iconograph|dessin|picture|cr[ée]dit")
_CREDIT = re.compile(r"(?i)©|cr[ée]dits?\b|photo(?:graph\w+)?\s*:|\(c\)")


def _check(context: CheckContext) -> Iterator[Violation]:
    if any(_PICTURE_ROLE.search(entry.role) for entry in context.publication.colophon.entries):
        return
    for displayed in context.displayed_images:
        image = displayed.image
        if displayed.key != "file" or displayed.block_id is None or image.decorative or image.credit:
            continue
        if _CREDIT.search(image.caption or ""):
            continue
        yield Violation(_("nothing says who made this picture"), displayed.location_of("file"))


RULE = Rule(
    id="image-credit",
    severity=Severity.ADVICE,
    group=Group.IMAGES,
    title=N_("A picture without a credit"),
    description=N_(
        "Whoever took a photograph or drew a picture has a right to be named, and an agency to be paid: a letter to thousands "
        "is where they look. Left alone: pictures with a `credit`, or with a © in the caption; decorative ones; and all of a "
        "publication whose colophon says who makes its pictures (an entry such as “Illustrations” or “Crédits photos”)."
    ),
    hint=N_("Add `credit`; or an entry for pictures to the colophon, if all that have none are from the same hand."),
    check=_check,
)
