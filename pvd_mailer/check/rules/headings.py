"""Headings that are missing, empty, or out of order."""

from collections.abc import Iterator

from lxml.etree import _Element

from pvd_mailer.check.rule import Example, Found, Group, InLetter, Rule
from pvd_mailer.check.sheets import Mode
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.words import name_of, text_of
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def _level(element: _Element) -> int | None:
    if element.get("role") == "heading":
        level = element.get("aria-level") or "2"
        return int(level) if level.isdecimal() else 2
    return int(element.tag[1]) if element.tag in _HEADINGS and element.get("role") is None else None


def _find(subject: Subject) -> Iterator[Found]:
    looks = subject.looks(Mode.LIGHT)
    levels: list[int] = []
    for element in subject.tree.iter(*_HEADINGS, "div", "p", "td", "span"):
        level = _level(element)
        look = looks.get(element)
        if level is None or look is None or not look.seen:
            continue
        if not name_of(element):
            yield Found(_("this heading is empty"), InLetter(element))
        elif level == 1 and 1 in levels:
            message = _("a second main heading (h1): “{words}”; a letter has one, its name")
            yield Found(message.format(words=text_of(element)[:60]), InLetter(element))
        elif levels and level > levels[-1] + 1:
            message = _("“{words}” is a heading of level {level} after one of level {before}: a level is skipped")
            words = text_of(element)[:60]
            yield Found(message.format(words=words, level=level, before=levels[-1]), InLetter(element))
        levels.append(level)
    if 1 not in levels:
        yield Found(_("the letter has no main heading (h1)"))


RULE = Rule(
    id="headings",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("Headings out of order"),
    about=N_(
        "With a screen reader, headings are the table of contents: people jump from one to the next, and by level. A letter has one "
        "heading of level 1, its name; the levels below follow one another without a gap; none is empty. The built-in "
        "templates see to it, whatever the order of blocks. 77 % of all newsletters have no h1."
    ),
    hint=N_("In the template, write titles with the macro `title` and the level that it is given."),
    failing=(
        Example(rewrite={r"<(/?)h1": r"<\1p"}),
        Example(html='<h1 lang="fr" dir="ltr">Les halles</h1>'),
        Example(html='<h5 lang="fr" dir="ltr">Les halles</h5>'),
        Example(html='<h2 lang="fr" dir="ltr"> </h2>'),
    ),
    passing=(
        Example(
            blocks='- id: r\n  type: heading\n  title: "Une rubrique"\n- id: a\n  type: briefs\n  title: "Des brèves"\n  items:\n    - title: "Une brève"\n      body: "Un toit."\n'
        ),
        Example(html='<h2 lang="fr" dir="ltr">Un</h2><h3>Deux</h3><h2><img src="a.png" alt="Trois"></h2>'),
    ),
    find=_find,
)
