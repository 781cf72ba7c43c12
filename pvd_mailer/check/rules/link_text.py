"""A link without any words."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.html.stylesheet import ColourScheme
from pvd_mailer.check.html.text_content import accessible_name
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    styles = context.computed_styles(ColourScheme.LIGHT)
    for link in context.tree.iter("a", "area"):
        style = styles.get(link)
        if not link.get("href") or style is None or not style.visible or link.get("aria-hidden") == "true":
            continue
        name = (link.get("alt") or "").strip() if link.tag == "area" else accessible_name(link)
        if name:
            continue
        if any(True for _image in link.iter("img")):
            yield Violation(
                _("this link is a picture without a description: nobody hears where it leads"), LetterElement(link)
            )
        else:
            yield Violation(_("this link has no words: nobody sees or hears it"), LetterElement(link))


RULE = Rule(
    id="link-text",
    severity=Severity.BLOCKING,
    group=Group.ACCESSIBILITY,
    title=N_("A link without words"),
    description=N_(
        "A link around a picture has the picture's description for its words; where the picture is `decorative`, there are none, and "
        "a screen reader spells the address out. An empty link in a template can be reached with the keyboard and not be "
        "seen. 72 % of all newsletters have one."
    ),
    hint=N_("Describe the picture in `alt`, by where its link leads; or take the link out."),
    check=_check,
)
