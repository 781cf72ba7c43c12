"""A link in a text that only its colour tells."""

from collections.abc import Iterator

from lxml.etree import _Element

from pvd_mailer.check.cascade import Look
from pvd_mailer.check.rule import Example, Found, Group, InLetter, Rule
from pvd_mailer.check.sheets import Mode
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.words import own_text, text_of
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_INLINE = ("a", "b", "em", "font", "i", "small", "span", "strong", "sub", "sup", "u")


def _block(link: _Element) -> _Element | None:
    """The paragraph, or the like, that the link stands in."""
    around = link.getparent()
    while around is not None and around.tag in _INLINE:
        around = around.getparent()
    return around


def _is_in_text(link: _Element, around: _Element) -> bool:
    """Whether other words stand in the same paragraph."""
    parts = [own_text(around)]
    parts += [
        text_of(one) for one in around if one.tag in _INLINE and one is not link and next(one.iter("a"), None) is None
    ]
    return any(sign.isalnum() for part in parts for sign in part)


def _is_distinct(link: Look, text: Look) -> bool:
    return (
        link.decorated
        or link.bordered
        or any(getattr(link, name) != getattr(text, name) for name in ("weight", "italic", "size", "family", "behind"))
    )


def _find(subject: Subject) -> Iterator[Found]:
    looks = subject.looks(Mode.LIGHT)
    for link in subject.tree.iter("a"):
        around = _block(link)
        if not link.get("href") or around is None or link not in looks or not looks[link].seen or not text_of(link):
            continue
        if _is_in_text(link, around) and not _is_distinct(looks[link], looks[around]):
            message = _("nothing but its colour tells that “{words}” is a link")
            yield Found(message.format(words=text_of(link)[:60]), InLetter(link))


RULE = Rule(
    id="link-by-colour",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A link that only its colour tells"),
    about=N_(
        "One man in twelve does not tell red from green, and a printed letter tells no colours at all. A link inside of a text is "
        "underlined, or set apart by its weight. A list of links, where everything is one, and buttons are left alone. One of "
        "the eleven faults that the Email Markup Consortium counts."
    ),
    hint=N_("In the template, leave links in a text underlined."),
    failing=(
        Example(
            html='<p lang="fr" dir="ltr" style="color:#000">Lire <a href="https://ville.example.org/" style="color:#00c;text-decoration:none">le guide</a> ce soir.</p>'
        ),
        Example(
            html='<p lang="fr" dir="ltr" style="color:#000"><b>Lire</b> <span><a href="https://ville.example.org/" style="color:#00c;text-decoration:none">le guide</a></span></p>'
        ),
    ),
    passing=(
        Example(
            html='<p lang="fr" dir="ltr">Lire <a href="https://ville.example.org/">le guide</a>, <a href="https://ville.example.org/b" style="text-decoration:none;font-weight:bold">la carte</a>.</p><ul lang="fr" dir="ltr"><li><a href="https://ville.example.org/c" style="text-decoration:none">la liste</a></li></ul>'
        ),
    ),
    find=_find,
)
