"""Headings that are missing, empty, or out of order."""

from collections.abc import Iterator

from lxml.etree import _Element

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.html.stylesheet import ColourScheme
from pvd_mailer.check.html.text_content import accessible_name, text_content
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def _level(element: _Element) -> int | None:
    if element.get("role") == "heading":
        level = element.get("aria-level") or "2"
        return int(level) if level.isdecimal() else 2
    return int(element.tag[1]) if element.tag in _HEADINGS and element.get("role") is None else None


def _check(context: CheckContext) -> Iterator[Violation]:
    styles = context.computed_styles(ColourScheme.LIGHT)
    levels: list[int] = []
    for element in context.tree.iter(*_HEADINGS, "div", "p", "td", "span"):
        level = _level(element)
        style = styles.get(element)
        if level is None or style is None or not style.visible:
            continue
        if not accessible_name(element):
            yield Violation(_("this heading is empty"), LetterElement(element))
        elif level == 1 and 1 in levels:
            message = _("a second main heading (h1): “{words}”; a letter has one, its name")
            yield Violation(message.format(words=text_content(element)[:60]), LetterElement(element))
        elif levels and level > levels[-1] + 1:
            message = _("“{words}” is a heading of level {level} after one of level {before}: a level is skipped")
            words = text_content(element)[:60]
            yield Violation(message.format(words=words, level=level, before=levels[-1]), LetterElement(element))
        levels.append(level)
    if 1 not in levels:
        yield Violation(_("the letter has no main heading (h1)"))


RULE = Rule(
    id="headings",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("Headings out of order"),
    description=N_(
        "With a screen reader, headings are the table of contents: people jump from one to the next, and by level. A letter has one "
        "heading of level 1, its name; the levels below follow one another without a gap; none is empty. The built-in "
        "templates see to it, whatever the order of blocks. 77 % of all newsletters have no h1."
    ),
    hint=N_("In the template, write titles with the macro `title` and the level that it is given."),
    check=_check,
)
