"""A link in a text that only its colour tells."""

from collections.abc import Iterator

from lxml.etree import _Element

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.html.computed_style import ComputedStyle
from pvd_mailer.check.html.stylesheet import ColourScheme
from pvd_mailer.check.html.text_content import own_text, text_content
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_INLINE = ("a", "b", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u")


def _text_block(link: _Element) -> _Element | None:
    """The paragraph, or the like, that the link stands in."""
    ancestor = link.getparent()
    while ancestor is not None and ancestor.tag in _INLINE:
        ancestor = ancestor.getparent()
    return ancestor


def _is_in_text(link: _Element, text_block: _Element) -> bool:
    """Whether other words stand in the same paragraph."""
    parts = [own_text(text_block)]
    parts += [
        text_content(sibling)
        for sibling in text_block
        if sibling.tag in _INLINE and sibling is not link and next(sibling.iter("a"), None) is None
    ]
    return any(character.isalnum() for part in parts for character in part)


def _is_distinct(link_style: ComputedStyle, text_style: ComputedStyle) -> bool:
    return (
        link_style.underlined
        or link_style.has_border
        or any(
            getattr(link_style, name) != getattr(text_style, name)
            for name in ("font_weight", "italic", "font_size", "font_family", "background")
        )
    )


def _check(context: CheckContext) -> Iterator[Violation]:
    styles = context.computed_styles(ColourScheme.LIGHT)
    for link in context.tree.iter("a"):
        text_block = _text_block(link)
        if (
            not link.get("href")
            or text_block is None
            or link not in styles
            or not styles[link].visible
            or not text_content(link)
        ):
            continue
        if _is_in_text(link, text_block) and not _is_distinct(styles[link], styles[text_block]):
            message = _("nothing but its colour tells that “{words}” is a link")
            yield Violation(message.format(words=text_content(link)[:60]), LetterElement(link))


RULE = Rule(
    id="link-by-colour",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A link that only its colour tells"),
    description=N_(
        "One man in twelve does not tell red from green, and a printed letter tells no colours at all. A link inside of a text is "
        "underlined, or set apart by its weight. A list of links, where everything is one, and buttons are left alone. One of "
        "the eleven faults that the Email Markup Consortium counts."
    ),
    hint=N_("In the template, leave links in a text underlined."),
    check=_check,
)
