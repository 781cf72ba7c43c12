"""The words of an element of the letter."""

from lxml.etree import _Element

__all__ = ["accessible_name", "own_text", "text_content"]

# What fills the room after a preheader is no word.
_INVISIBLE = dict.fromkeys(map(ord, "\u00a0\u200b\u200c\u200d\u202f\u2060\ufeff\u00ad\u034f"))


def text_content(element: _Element) -> str:
    """All text inside of `element`, blanks folded."""
    return " ".join("".join(str(text) for text in element.xpath(".//text()")).split())


def own_text(element: _Element) -> str:
    """The text that stands in `element` itself, not in an element inside of it."""
    parts = [element.text or "", *(child.tail or "" for child in element)]
    text = "".join(parts)
    return "" if text.isspace() else text.translate(_INVISIBLE).strip()


def accessible_name(element: _Element) -> str:
    """What a screen reader calls `element`: its label, or its words and the descriptions of its pictures."""
    label = (element.get("aria-label") or "").strip()
    if label:
        return label
    parts = [str(text) for text in element.xpath(".//text()[not(ancestor::*[@aria-hidden='true'])]")]
    parts += [image.get("alt") or "" for image in element.iter("img", "area")]
    parts += [
        descendant.get("aria-label") or ""
        for descendant in element.iterdescendants()
        if isinstance(descendant.tag, str)
    ]
    return " ".join("".join(parts).translate(_INVISIBLE).split()) or (element.get("title") or "").strip()
