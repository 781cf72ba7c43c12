"""A letter that does not say which language it is in, or which way it is written."""

import re
from collections.abc import Iterator
from functools import lru_cache

from babel import Locale

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_TAG = re.compile(r"(?i)[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-\w{5,8})*")
_BODY_PARTS = ("div", "table", "p", "center", "main", "section", "article", "h1", "h2", "span")


@lru_cache(maxsize=64)
def _is_language(tag: str) -> bool:
    return _TAG.fullmatch(tag) is not None and tag.partition("-")[0].lower() in Locale("en").languages


def _check(context: CheckContext) -> Iterator[Violation]:
    tree = context.tree
    if not (tree.get("lang") or "").strip():
        yield Violation(
            _("<html> has no lang: a screen reader reads in the voice of its own language"), LetterElement(tree)
        )
    if (tree.get("dir") or "").lower() not in ("ltr", "rtl"):
        yield Violation(_("<html> has no dir"), LetterElement(tree), severity=Severity.ADVICE)
    for element in tree.iter():
        tag = element.get("lang") if isinstance(element.tag, str) else None
        if tag and not _is_language(tag.strip()):
            message = _("“{tag}” is no language: fr, en or fr-FR was expected")
            yield Violation(message.format(tag=tag[:20]), LetterElement(element))
    body = tree.find("body")
    for element in body.iterchildren(*_BODY_PARTS) if body is not None else ():
        # Mail programs throw <html> and <body> away, and keep what is inside.
        if not (element.get("lang") and element.get("dir")):
            message = _("this part of <body> has no lang and dir of its own; <html> does not reach the reader")
            yield Violation(message, LetterElement(element), severity=Severity.ADVICE)


RULE = Rule(
    id="letter-language",
    severity=Severity.BLOCKING,
    group=Group.ACCESSIBILITY,
    title=N_("A letter that does not say its language"),
    description=N_(
        "A screen reader that is not told reads French with English sounds, and nobody understands a word. `lang` and `dir` stand "
        "on `<html>`, and again on every element right inside of `<body>`, since mail programs show the letter in a page of "
        "their own. Three of the eleven faults that the Email Markup Consortium counts, and the most frequent ones."
    ),
    hint=N_('In the template, write lang="fr" dir="ltr" on <html> and on each element right inside of <body>.'),
    check=_check,
)
