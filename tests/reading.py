"""Reads a letter as its readers' programs do: text of the HTML, links, elements."""

import re
import unicodedata

from lxml import html as lxml_html

VOID = {"br", "img", "meta", "link", "hr", "input"}
INLINE = {"a", "b", "em", "i", "span", "strong", "sup", "td"}


def normal(text):
    """`text` with every run of blanks as one space, composed (NFC)."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text):
    """`text` so that capitals make no difference, those of a heading in the text part included."""
    return unicodedata.normalize("NFC", normal(text).upper().casefold())


def parse(page):
    """The document of an HTML part."""
    return lxml_html.document_fromstring(page.encode(), parser=lxml_html.HTMLParser(encoding="utf-8"))


def body_text(page):
    """What a reader of the HTML part reads, blocks set apart by blanks."""
    body = parse(page).find("body")
    parts = []

    def walk(element):
        if not isinstance(element.tag, str) or element.tag in ("style", "script"):
            parts.append(element.tail or "")
            return
        gap = "" if element.tag in INLINE - {"td"} else "\n"
        parts.append(gap + (element.text or ""))
        for child in element:
            walk(child)
        parts.append(gap + (element.tail or ""))

    walk(body)
    return normal("".join(parts))


def without_styles(page):
    """The page as a webmail that drops every `<style>` gets it."""
    return re.sub(r"<style\b.*?</style>", "", page, flags=re.DOTALL)


def styles(page):
    """The contents of every `<style>`, those in conditional comments included."""
    return re.findall(r"<style\b[^>]*>(.*?)</style>", page, flags=re.DOTALL)


def references(page):
    """Every address that an attribute of the page names, comments included."""
    found = re.findall(r"\b(?:href|src|background|action|srcset|poster)\s*=\s*\"([^\"]*)\"", page)
    return [one.replace("&amp;", "&") for one in found]
