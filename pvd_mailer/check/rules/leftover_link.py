"""A link that led to something else last month."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import IssueValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue import Issue
from pvd_mailer.issue.blocks import Article, Brief, Briefs, Button, Event, KeyFigure, Resource, Video
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.issue.source_map import KeyPath

__all__ = ["RULE"]

_NEWS = (Article, KeyFigure, Event, Resource, Video)


def _links(issue: Issue) -> Iterator[tuple[str, str, KeyPath]]:
    """Address, title and place of the links that belong to one piece of news."""
    for index, block in enumerate(issue.blocks):
        if isinstance(block, _NEWS):
            title = block.title or block.id
            for path, button in parts_of(block, Button, ("blocks", index)):
                yield button.url, title, (*path, "url")
            if isinstance(block, Resource) and block.url:
                yield block.url, title, ("blocks", index, "url")
        elif isinstance(block, Briefs):
            for path, item in parts_of(block, Brief, ("blocks", index)):
                for way, button in parts_of(item, Button, path) if item.title else ():
                    yield button.url, str(item.title), (*way, "url")


def _check(context: CheckContext) -> Iterator[Violation]:
    if context.previous_issue is None:
        return
    previous_titles: dict[str, set[str]] = {}
    for url, title, _path in _links(context.previous_issue):
        previous_titles.setdefault(url, set()).add(title)
    for url, title, path in _links(context.issue):
        titles = previous_titles.get(url)
        if titles and title not in titles and not url.startswith("mailto:"):
            message = _("in the last issue this address was that of “{title}”").format(title=min(titles))
            yield Violation(message, IssueValue(path))


RULE = Rule(
    id="leftover-link",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("A link left over from last month"),
    description=N_(
        "The button of an article, an event, a resource, a video or a brief that leads where another title's led last month: "
        "title and text were rewritten, the address was forgotten. Links within a text, calls to action, and the same title "
        "with the same address may come again."
    ),
    hint=N_("Look where it leads, and write this month's address."),
    check=_check,
)
