"""A letter that does not let its reader go."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    letter, placeholders = context.letter, context.letter.placeholders
    links = [link for link in context.tree.iter("a") if placeholders.html("unsubscribe") in (link.get("href") or "")]
    if not links:
        yield Violation(_("the letter has no link to unsubscribe"))
    elif not any("".join(link.itertext()).strip() for link in links):
        yield Violation(_("the link to unsubscribe has no words: nobody can see it"))
    if placeholders.text("unsubscribe") not in letter.text:
        yield Violation(_("the letter has no link to unsubscribe in its plain text"))


RULE = Rule(
    id="way-out",
    severity=Severity.BLOCKING,
    group=Group.DELIVERY,
    title=N_("A letter without a way out"),
    description=N_(
        "The law (GDPR, article 21; LCEN) and the large mailboxes want every letter to let its reader leave at once. The link "
        "stands in both parts, with words that can be seen. It is looked for in the letter as it would leave, since a "
        "publication's own template may have lost it. What mail programs make of the headers is another way out, beside it."
    ),
    hint=N_("A template of your publication has lost it: compare it with the built-in one."),
    check=_check,
)
