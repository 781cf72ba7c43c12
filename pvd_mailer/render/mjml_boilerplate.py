"""What MJML writes into every head, less what is for programs that are gone and for elements that are not there."""

import re
from functools import lru_cache

from lxml import etree
from lxml.etree import _Comment, _Element

__all__ = ["clean_head", "drop_node", "is_mentioned"]

_GONE_RULES = re.compile(r"#outlook a\s*\{[^{}]*\}\s*")
"""For a menu of Outlook 2007 and 2010; nothing that is drawn depends on it."""
_GONE_PROPERTIES = re.compile(r"-ms-(?:text-size-adjust|interpolation-mode)\s*:[^;{}]*;?\s*")
"""Windows Phone's Internet Explorer enlarged texts; Internet Explorer 7 drew scaled pictures badly."""
_GONE_COMMENT = "[if lte mso 11]>"
"""Outlook 2003 and older, which drew by Internet Explorer, and for which MJML widens its groups."""
_NOT_OUTLOOK = "[if !mso]><!"
_INTERNET_EXPLORER = "X-UA-Compatible"
_MJML_RULE = re.compile(r"(?:\.moz-text-html )?(?:td|table)?\.(mj-[\w-]+)\s*\{([^{}]*)\}\s*")
_FULL_WIDTH = re.compile(r"\s*width:\s*100%\s*!important;\s*max-width:\s*100%;?\s*")
_SAYS_FULL_WIDTH = re.compile(r"(?:^|[;\s])width:\s*100%")
_EMPTY_MEDIA = re.compile(r"@media[^{};]*\{\s*\}\s*")


def clean_head(page: _Element) -> tuple[str, ...]:
    """Take out of the head of `page` what nobody asks for.

    Rules for classes of MJML that no element has go, and the rule that a full column is as wide as a style attribute of
    each one says.

    Returns:
        The texts of the style sheets that are left, those that classic Outlook alone reads included.
    """
    head = page.find("head")
    if head is not None:
        for comment in list(head.iterchildren(etree.Comment)):
            _clean_comment(comment)
        classes, narrow_columns = _classes(page)
        for style in list(head.iter("style")):
            style.text = _clean_sheet(style.text or "", classes, narrow_columns)
            if not style.text.strip():
                drop_node(style)
    sheets = [style.text or "" for style in page.iter("style")]
    return (*sheets, *(comment.text for comment in page.iter(etree.Comment) if "<style" in comment.text))


def _clean_comment(comment: _Comment) -> None:
    if comment.text.startswith(_GONE_COMMENT):
        drop_node(comment)
    elif comment.text == _NOT_OUTLOOK:
        meta, end = comment.getnext(), comment.getnext()
        end = meta.getnext() if meta is not None else None
        if meta is not None and end is not None and meta.get("http-equiv") == _INTERNET_EXPLORER:
            for node in (comment, meta, end):
                drop_node(node)
    elif comment.text.startswith("[if mso"):
        comment.text = re.sub(r">\s+<", "><", comment.text)


def drop_node(node: _Element) -> None:
    """Take `node` out, and leave the text after it where it is."""
    parent, before, tail = node.getparent(), node.getprevious(), node.tail
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    node.tail = None
    parent.remove(node)


def _classes(page: _Element) -> tuple[frozenset[str], frozenset[str]]:
    """MJML's classes that elements have; and those of elements that do not themselves say `width:100%`."""
    all_names: set[str] = set()
    narrow: set[str] = set()
    for element in page.iter("div", "td", "table"):
        names = element.get("class")
        if names and "mj-" in names:
            all_names.update(names.split())
            if not _SAYS_FULL_WIDTH.search(element.get("style", "")):
                narrow.update(names.split())
    return frozenset(all_names), frozenset(narrow)


@lru_cache(maxsize=64)
def _clean_sheet(sheet: str, classes: frozenset[str], narrow: frozenset[str]) -> str:
    def living(rule: re.Match[str]) -> str:
        is_said_twice = rule[1] not in narrow and _FULL_WIDTH.fullmatch(rule[2]) is not None
        return "" if rule[1] not in classes or is_said_twice else rule[0]

    sheet = _GONE_PROPERTIES.sub("", _GONE_RULES.sub("", sheet))
    return _EMPTY_MEDIA.sub("", _MJML_RULE.sub(living, sheet))


@lru_cache(maxsize=1024)
def is_mentioned(name: str, sheets: tuple[str, ...]) -> bool:
    """Whether a rule asks for the class `name`."""
    return any(re.search(rf"\.{re.escape(name)}(?![\w-])", sheet) for sheet in sheets)
