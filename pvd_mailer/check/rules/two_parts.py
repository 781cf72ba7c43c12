"""HTML and plain text that do not say the same."""

import re
from collections.abc import Iterator
from html import unescape

from lxml.etree import XPath, _Element

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import LetterElement, TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.passages import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue.blocks import BlockBase, Resource

__all__ = ["RULE"]

_LINK_NUMBER = re.compile(r"[\s\u00a0]\[\d+\]")
_TEXTS = XPath("//body//text()[not(parent::style)]", smart_strings=False)
_WORD = re.compile(r"[^\W_]+")
_URL = re.compile(r"(?:https?|mailto):[^\s<>\"]+")
# Say something by where they stand, or stand for what each part draws its own way.
_KEYS_DRAWN_DIFFERENTLY = frozenset({"subject", "preheader"})


def _folded(text: str) -> str:
    """`text` as letters and digits: wrapping, typography and marks belong to each part."""
    return "".join(_WORD.findall(text)).casefold()


def _words(tree: _Element) -> Iterator[str]:
    """What is read of the document, then the descriptions of its pictures and the names of its links."""
    yield from _TEXTS(tree)
    for element in tree.iter("img", "a"):
        yield element.get("alt") or element.get("aria-label") or ""


def _check(context: CheckContext) -> Iterator[Violation]:
    html = _folded("".join(_words(context.tree)))
    text = _folded(_LINK_NUMBER.sub("", context.letter.text))
    for passage in context.passages:
        folded = _folded(passage.text)
        if passage.block is None or passage.key in _KEYS_DRAWN_DIFFERENTLY or not folded:
            continue
        if folded not in text:
            yield Violation(_("the plain text does not have these words"), TextSpan(passage))
        elif not all(_folded(part) in html for part in _html_parts(passage, context.blocks_by_id[passage.block][1])):
            yield Violation(_("the HTML does not have these words"), TextSpan(passage))
    yield from _check_links(context, html)


def _html_parts(passage: Passage, block: BlockBase) -> Iterator[str]:
    """What of `passage`, a text of `block`, has to be in the HTML, each by itself.

    A card's picture is too small for a description there, and its title says what it is. The credits of a rubric's
    small pictures stand together, and those that begin alike share their beginning.
    """
    if passage.key == "credit":
        yield from passage.text.split("©")
    elif passage.key != "alt" or not isinstance(block, Resource):
        yield passage.text


def _check_links(context: CheckContext, html: str) -> Iterator[Violation]:
    """Links that one part alone has; `html` is what the HTML says, where an address may stand in a text."""
    placeholders = context.letter.placeholders
    html_urls: set[str] = set()
    text = context.letter.text
    for element in context.tree.iter("a"):
        url = element.get("href") or ""
        # A letter ready to be passed on, with subject and text, is for who can click.
        if not url.startswith(("http://", "https://", "mailto:")) or url.startswith("mailto:?") or url in html_urls:
            continue
        html_urls.add(url)
        stripped = url.removeprefix("mailto:").partition("?")[0]
        if context.pages_url and url.startswith(f"{context.pages_url}/"):
            stripped = url.partition("#")[0]  # a place in the letter on the web, which the text leads to as a whole
        if (
            placeholders.html("unsubscribe") not in url
            and url not in text
            and (stripped == url or stripped not in text)
        ):
            message = _("the plain text does not have this link: {url}")
            yield Violation(message.format(url=url[:80]), LetterElement(element))
    known_urls = {unescape(url) for url in html_urls} | {url.rstrip(".,;:!?)]") for url in html_urls}
    for match in _URL.finditer(text):
        url = match[0].rstrip(".,;:!?)]")
        if url not in known_urls and match[0] not in known_urls and _folded(url) not in html:
            known_urls.add(url)
            yield Violation(_("the HTML does not have this link of the plain text: {url}").format(url=url[:80]))


RULE = Rule(
    id="two-parts",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("HTML and plain text that differ"),
    description=N_(
        "Every letter leaves twice in one message, as HTML and as plain text, for watches, screen readers, archives and people who "
        "like it plain; filters compare the two, and mistrust a letter whose parts differ. Texts, descriptions of pictures "
        "and links of the issue have to be in both. A fault here is a template's."
    ),
    hint=N_("Bring the two templates of this block together: blocks/….mjml and blocks/….txt."),
    check=_check,
)
