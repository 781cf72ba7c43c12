"""A letter that does not let its reader go."""

from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    letter, places = subject.letter, subject.letter.placeholders
    links = [one for one in subject.tree.iter("a") if places.html("unsubscribe") in (one.get("href") or "")]
    if not links:
        yield Found(_("the letter has no link to unsubscribe"))
    elif not any("".join(one.itertext()).strip() for one in links):
        yield Found(_("the link to unsubscribe has no words: nobody can see it"))
    if places.text("unsubscribe") not in letter.text:
        yield Found(_("the letter has no link to unsubscribe in its plain text"))


RULE = Rule(
    id="way-out",
    severity=Severity.BLOCKING,
    group=Group.DELIVERY,
    title=N_("A letter without a way out"),
    about=N_(
        "The law (GDPR, article 21; LCEN) and the large mailboxes want every letter to let its reader leave at once. The link "
        "stands in both parts, with words that can be seen. It is looked for in the letter as it would leave, since a "
        "publication's own template may have lost it. What mail programs make of the headers is another way out, beside it."
    ),
    hint=N_("A template of your publication has lost it: compare it with the built-in one."),
    failing=(
        Example(rewrite={r"pvd-h-\w+-unsubscribe": "https://ville.example.org"}),
        Example(rewrite={r"pvd-t-\w+-unsubscribe": ""}),
        Example(rewrite={r'(<a href="pvd-h-\w+-unsubscribe"[^>]*>)[^<]*': r"\1"}),
    ),
    passing=(Example(), Example(head={"lang": "en"})),
    find=_find,
)
