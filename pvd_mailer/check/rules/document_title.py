"""A letter whose document has no title."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    title = context.tree.find("head/title")
    if title is None or not (title.text or "").strip():
        yield Violation(_("the letter's document has no <title>"))


RULE = Rule(
    id="document-title",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A document without a title"),
    description=N_(
        "Whoever opens the letter in a window of its own, or its web version, finds the title in the tab and in the list of "
        "windows; a screen reader says it first. A publication's own letter.mjml keeps its `<mj-title>`. One of the eleven "
        "faults that the Email Markup Consortium counts."
    ),
    hint=N_("Write <mj-title> in the head of the template, with the publication's name and the issue's number."),
    check=_check,
)
