"""A picture, or its description, that is last month's."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import IssueValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue import Issue
from pvd_mailer.issue.blocks import Image
from pvd_mailer.issue.parts import parts_of, title_around
from pvd_mailer.issue.source_map import KeyPath

__all__ = ["RULE"]


def _images(issue: Issue) -> Iterator[tuple[KeyPath, Image, str]]:
    """Each picture with the way to it and the title that it stands with."""
    for index, block in enumerate(issue.blocks):
        for path, image in parts_of(block, Image):
            yield ("blocks", index, *path), image, title_around(block, path) or block.id


def _check(context: CheckContext) -> Iterator[Violation]:
    if context.previous_issue is None:
        return
    titles_by_data: dict[bytes, set[str]] = {}
    data_by_alt: dict[str, bytes] = {}
    for _path, image, title in _images(context.previous_issue):
        picture = context.previous_pictures.get(image.file)
        if picture is not None:
            titles_by_data.setdefault(picture.data, set()).add(title)
            if image.alt:
                data_by_alt[image.alt] = picture.data
    for path, image, title in _images(context.issue):
        picture = context.pictures.get(image.file)
        if picture is None:
            continue
        titles = titles_by_data.get(picture.data)
        if titles and title not in titles:
            message = _("in the last issue this picture was that of “{title}”").format(title=min(titles))
            yield Violation(message, IssueValue((*path, "file")))
        elif image.alt and data_by_alt.get(image.alt, picture.data) != picture.data:
            message = _("this describes a picture of the last issue, and the picture is another one")
            yield Violation(message, IssueValue((*path, "alt")))


RULE = Rule(
    id="leftover-image",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A picture left over from last month"),
    description=N_(
        "A picture that stood with another title in the last issue, or the description of last month's picture with a new "
        "one: whoever cannot see the picture is told of something that is not there. The same picture with the same title "
        "may come again."
    ),
    hint=N_("Put in this month's picture, and describe what it shows."),
    check=_check,
)
