"""The same words for two links that lead to two places."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.links.links import Link, comparable_words
from pvd_mailer.check.links.tracking import without_tracking
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _target(link: Link) -> str:
    return without_tracking(link.url).rstrip("/")


def _check(context: CheckContext) -> Iterator[Violation]:
    first_by_words: dict[str, Link] = {}
    reported: set[tuple[str, str]] = set()
    for link in context.links:
        words = comparable_words(link.words)
        if not words or link.surrounding_text == "transcript":
            continue
        earlier = first_by_words.setdefault(words, link)
        key = words, _target(link)
        if _target(earlier) == _target(link) or key in reported:
            continue
        reported.add(key)
        message = _("“{words}” leads somewhere else further up: {url}")
        yield Violation(message.format(words=link.words.strip(), url=earlier.url[:80]), link.words_location)


RULE = Rule(
    id="one-text-two-targets",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("The same words, two destinations"),
    description=N_(
        "Two links with the same words that lead to two pages: “S’inscrire” under two webinars, “le guide” twice. In a list "
        "of links, which screen readers make, nobody can tell them apart; and now and then the second is a slip. The same "
        "words may lead to the same page as often as you like."
    ),
    hint=N_("Say in each what sets it apart: “S’inscrire au webinaire sur les halles”."),
    check=_check,
)
