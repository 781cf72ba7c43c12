"""A page's elements by name and class, so that a rule of CSS is tried on those alone that it may be about.

lxml finds what a selector means by going through the whole page, for each selector again.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from lxml.cssselect import CSSSelector
from lxml.etree import _Element

__all__ = ["ElementIndex", "Selector"]

_COMPOUND = re.compile(r"(?P<name>[a-z][a-z0-9]*)?(?P<classes>(?:\.[A-Za-z_-][\w-]*)*)", re.ASCII)
_COMBINATOR = re.compile(r"\s*>\s*|\s+")
_BLANKS = re.compile(r"[ \t\r\n]+")
"""What XPath's `normalize-space` parts a list of classes at."""


class Selector:
    """A selector of CSS.

    Raises:
        cssselect.SelectorError: it is none, or what lxml does not know.
    """

    def __init__(self, text: str) -> None:
        self.find_all = CSSSelector(text)
        compounds = [_COMPOUND.fullmatch(part) for part in _COMBINATOR.split(text)]
        self.compounds = [(match["name"], tuple(match["classes"].split(".")[1:])) for match in compounds if match]
        """Name and classes of each part; none where a part has more to it than these."""
        if len(self.compounds) < len(compounds):
            self.compounds = []


class ElementIndex:
    """The elements of `page` by name and by class, each in the order of the page."""

    def __init__(self, page: _Element) -> None:
        self._page = page
        self._by_name: dict[str, list[_Element]] = {}
        self._by_class: dict[str, list[_Element]] = {}
        for element in page.iter("*"):
            self._by_name.setdefault(str(element.tag), []).append(element)
            for name in _classes(element.get("class")):
                self._by_class.setdefault(name, []).append(element)

    def find_all(self, selector: Selector) -> Sequence[_Element]:
        """What `selector` selects."""
        compounds = selector.compounds
        if any(self._is_absent(name, classes) for name, classes in compounds):
            return ()
        if len(compounds) != 1:
            found: list[_Element] = selector.find_all(self._page)
            return found
        name, classes = compounds[0]
        if not classes:
            return self._by_name[name or ""]
        candidates = self._by_class[classes[0]]
        return [
            element
            for element in candidates
            if (name is None or element.tag == name)
            and (len(classes) == 1 or set(classes) <= _classes(element.get("class")))
        ]

    def _is_absent(self, name: str | None, classes: tuple[str, ...]) -> bool:
        return (name is not None and name not in self._by_name) or any(one not in self._by_class for one in classes)


@lru_cache(maxsize=512)
def _classes(value: str | None) -> frozenset[str]:
    return frozenset(_BLANKS.split(value)) - {""} if value else frozenset()
