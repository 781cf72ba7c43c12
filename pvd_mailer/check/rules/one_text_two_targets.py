"""The same words for two links that lead to two places."""

from collections.abc import Iterator

from pvd_mailer.check.links import Link, plainly
from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.tracking import untracked
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _target(link: Link) -> str:
    return untracked(link.url).rstrip("/")


def _find(subject: Subject) -> Iterator[Found]:
    first: dict[str, Link] = {}
    told: set[tuple[str, str]] = set()
    for link in subject.links:
        words = plainly(link.words)
        if not words or link.around == "transcript":
            continue
        before = first.setdefault(words, link)
        key = words, _target(link)
        if _target(before) == _target(link) or key in told:
            continue
        told.add(key)
        message = _("“{words}” leads somewhere else further up: {url}")
        yield Found(message.format(words=link.words.strip(), url=before.url[:80]), link.said)


RULE = Rule(
    id="one-text-two-targets",
    severity=Severity.ADVICE,
    group=Group.LINKS,
    title=N_("The same words, two destinations"),
    about=N_(
        "Two links with the same words that lead to two pages: “S’inscrire” under two webinars, “le guide” twice. In a list "
        "of links, which screen readers make, nobody can tell them apart; and now and then the second is a slip. The same "
        "words may lead to the same page as often as you like."
    ),
    hint=N_("Say in each what sets it apart: “S’inscrire au webinaire sur les halles”."),
    failing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: "Un [guide](https://ville.example.org/1)."\n- id: b\n  type: article\n  title: "Les gares"\n  body: "Un [guide](https://ville.example.org/2)."\n'
        ),
    ),
    passing=(
        Example(
            blocks='- id: a\n  type: article\n  title: "Les halles"\n  body: "Un [guide](https://ville.example.org/1)."\n- id: b\n  type: article\n  title: "Les gares"\n  body: "Un [Guide](https://ville.example.org/1/) et [un autre](https://ville.example.org/2)."\n'
        ),
    ),
    find=_find,
)
