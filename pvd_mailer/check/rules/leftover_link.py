"""A link that led to something else last month."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import IssueValue
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue import Issue
from pvd_mailer.issue.blocks import Article, Briefs, Button, Event, KeyFigure, Resource, Video
from pvd_mailer.issue.source_map import KeyPath

__all__ = ["RULE"]


def _links(issue: Issue) -> Iterator[tuple[str, str, KeyPath]]:
    """Address, title and place of the links that belong to one piece of news."""
    for index, block in enumerate(issue.blocks):
        path: KeyPath = ("blocks", index)
        if isinstance(block, Article | KeyFigure):
            title = block.title or block.id
            yield from (
                (button.url, title, (*path, "buttons", number, "url")) for number, button in enumerate(block.buttons)
            )
        elif isinstance(block, Event | Resource | Video) and isinstance(block.link, Button):
            yield block.link.url, block.title, (*path, "link", "url")
        elif isinstance(block, Briefs):
            for number, item in enumerate(block.items):
                if item.link is not None and item.title:
                    yield item.link.url, item.title, (*path, "items", number, "link", "url")


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
