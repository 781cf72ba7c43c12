"""Which elements the selectors of a stylesheet find, in one walk through the document, as browsers do it.

A selector is looked at from its right: its last part says by a class, an id or a tag for which elements it is asked at
all. What is not made of tags, classes, ids, attributes and the combinators ` ` and `>` alone is left to XPath.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from cssselect import HTMLTranslator, SelectorError
from cssselect import parser as css
from lxml.etree import XPath, XPathEvalError, _Element

__all__ = ["CompiledSelector", "SimpleSelector", "compile_selector", "match_selectors"]

_BLANKS = " \t\r\n"
"""What parts classes for XPath, which decides where this module does not."""
_NAME_SIGNS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")

_Key = str
"""What is asked of an element, as CSS writes it: `td`, `.band`, `#outlook`, `[data-ogsc]`."""


@dataclass(frozen=True, slots=True)
class _Compound:
    """What one element has to be: `td.mj-full-width-mobile`.

    Attributes:
        keys: Its tag, id, classes and names of attributes; all of them are asked for.
        values: Of attributes, where they are asked for.
        is_root: Whether it has to be the document's own element.
    """

    keys: frozenset[_Key]
    values: tuple[tuple[str, str], ...] = ()
    is_root: bool = False

    @property
    def index_key(self) -> _Key | None:
        """The rarest of `keys` by which elements are looked up; None where any element may do."""
        for first_sign in ("#", "."):
            for key in sorted(self.keys):
                if key.startswith(first_sign):
                    return key
        return next((key for key in self.keys if not key.startswith("[")), None)


@dataclass(frozen=True, slots=True)
class SimpleSelector:
    """A selector, from its right: each part with how the one on its left has to stand to it (` ` or `>`)."""

    compounds: tuple[_Compound, ...]
    combinators: tuple[str, ...]

    @property
    def keys(self) -> frozenset[_Key]:
        """All that has to be somewhere in a document for this selector to find anything there."""
        return frozenset().union(*(compound.keys for compound in self.compounds))


CompiledSelector: TypeAlias = SimpleSelector | XPath
"""A selector as it is looked up in an index; or as XPath, where it is not simple."""


def compile_selector(selector: css.Selector) -> CompiledSelector:
    """`selector` as `match_selectors` takes it.

    Raises:
        cssselect.SelectorError: it finds no element: what it means is none (`::before`), or XPath cannot say it.
        lxml.etree.XPathError: likewise.
    """
    if selector.pseudo_element is not None:
        raise SelectorError
    return _simple_selector(selector) or XPath(HTMLTranslator().selector_to_xpath(selector))


def _simple_selector(selector: css.Selector) -> SimpleSelector | None:
    """`selector` as this module matches it; None where it is left to XPath."""
    compounds: list[_Compound] = []
    combinators: list[str] = []
    tree = selector.parsed_tree
    while isinstance(tree, css.CombinedSelector):
        compound = _compound(tree.subselector)
        if compound is None or tree.combinator not in (" ", ">"):
            return None
        compounds.append(compound)
        combinators.append(tree.combinator)
        tree = tree.selector
    compound = _compound(tree)
    return None if compound is None else SimpleSelector((*compounds, compound), tuple(combinators))


def _compound(tree: css.Tree) -> _Compound | None:
    keys: set[_Key] = set()
    values: list[tuple[str, str]] = []
    is_root = False
    while not isinstance(tree, css.Element):
        if isinstance(tree, css.Class):
            keys.add(f".{tree.class_name}")
        elif isinstance(tree, css.Hash):
            keys.add(f"#{tree.id}")
        elif isinstance(tree, css.Attrib) and _is_plain_attribute(tree):
            name = tree.attrib.lower()
            keys.add(f"[{name}]")
            if tree.value is not None:
                values.append((name, str(tree.value.value)))
        elif isinstance(tree, css.Pseudo) and tree.ident == "root":
            is_root = True
        else:
            return None
        tree = tree.selector
    if tree.namespace is not None:
        return None
    if tree.element is not None:
        tag = tree.element.lower()
        if not _is_plain_name(tag):
            return None
        keys.add(tag)
    return _Compound(frozenset(keys), tuple(values), is_root)


def _is_plain_attribute(tree: css.Attrib) -> bool:
    return tree.namespace is None and tree.operator in ("exists", "=") and _is_plain_name(tree.attrib.lower())


def _is_plain_name(name: str) -> bool:
    return name[:1].isalpha() and _NAME_SIGNS.issuperset(name)


@dataclass(frozen=True, slots=True, eq=False)
class _Node:
    """What selectors ask of an element, and of those around it: the same for all elements that are alike in this.

    Attributes:
        keys: Of its own, those that some selector asks for.
        keys_above: Those of all that it stands in.
        values: Of attributes whose value some selector asks for.
    """

    parent: "_Node | None"
    keys: frozenset[_Key]
    keys_above: frozenset[_Key]
    values: tuple[tuple[str, str], ...]


def match_selectors(tree: _Element, selectors: Sequence[CompiledSelector]) -> Mapping[_Element, tuple[int, ...]]:
    """By element of the document `tree`, which of `selectors` find it: their numbers from 0, in order.

    One with a namespace (`svg|a`) finds none: a letter declares none to CSS.
    """
    numbers = _match_simple(
        tree, {number: one for number, one in enumerate(selectors) if isinstance(one, SimpleSelector)}
    )
    for number, select in enumerate(selectors):
        for element in _find(tree, select) if isinstance(select, XPath) else ():
            numbers[element] = tuple(sorted((*numbers.get(element, ()), number)))
    return numbers


def _find(tree: _Element, select: XPath) -> list[_Element]:
    try:
        found: list[_Element] = select(tree)
    except XPathEvalError:  # it is compiled whatever its prefixes are
        return []
    return found


def _match_simple(tree: _Element, selectors: Mapping[int, SimpleSelector]) -> dict[_Element, tuple[int, ...]]:
    """As `match_selectors`, by the numbers given. Elements that are alike get one and the same tuple."""
    asked_keys = frozenset().union(*(selector.keys for selector in selectors.values()))
    nodes = _nodes(tree, asked_keys)
    known_keys = frozenset().union(*(node.keys for node in set(nodes.values())))
    index: dict[_Key | None, list[tuple[int, SimpleSelector]]] = {}
    for number, selector in selectors.items():
        # Most of a stylesheet is for mail programs that bring elements of their own.
        if selector.keys <= known_keys:
            index.setdefault(selector.compounds[0].index_key, []).append((number, selector))
    found = {node: _numbers_of(node, index) for node in set(nodes.values())}
    return {element: found[node] for element, node in nodes.items() if found[node]}


def _numbers_of(node: _Node, index: Mapping[_Key | None, list[tuple[int, SimpleSelector]]]) -> tuple[int, ...]:
    candidates = [*index.get(None, ())]
    for key in node.keys:
        candidates += index.get(key, ())
    return tuple(sorted(number for number, selector in candidates if _matches(node, selector)))


def _nodes(tree: _Element, asked_keys: frozenset[_Key]) -> dict[_Element, _Node]:
    """By element of the document, in its order, what is asked of it."""
    names = sorted(key[1:-1] for key in asked_keys if key.startswith("["))
    asks_for_ids = any(key.startswith("#") for key in asked_keys)
    keys_by_class: dict[str | None, frozenset[_Key]] = {None: frozenset()}
    nodes: dict[_Element, _Node] = {}
    known: dict[tuple[object, ...], _Node] = {}
    for element in tree.iter("*"):
        classes = element.get("class")
        if classes not in keys_by_class:
            own_classes = (f".{name}" for name in classes.translate(_TO_BLANK).split(" "))
            keys_by_class[classes] = asked_keys.intersection(own_classes)
        own_id = f"#{element.get('id', '')}" if asks_for_ids else ""
        own_id = own_id if own_id in asked_keys else ""
        tag = element.tag
        parent = nodes.get(element.getparent())
        alike = (parent, tag, keys_by_class[classes], own_id, *map(element.get, names))
        node = known.get(alike)
        if node is None:
            values = tuple((name, value) for name in names if (value := element.get(name)) is not None)
            own_keys = (tag, own_id, *(f"[{name}]" for name, _value in values))
            keys_above = frozenset() if parent is None else parent.keys | parent.keys_above
            node = _Node(parent, keys_by_class[classes] | asked_keys.intersection(own_keys), keys_above, values)
            known[alike] = node
        nodes[element] = node
    return nodes


_TO_BLANK = str.maketrans(dict.fromkeys(_BLANKS, " "))


def _matches(node: _Node, selector: SimpleSelector) -> bool:
    around = selector.compounds[1:]
    return all(compound.keys <= node.keys_above for compound in around) and _matches_from(node, selector, 0)


def _matches_from(node: _Node, selector: SimpleSelector, part: int) -> bool:
    """Whether `node` is what the selector asks for from its `part` on, counted from the right."""
    if not _is(node, selector.compounds[part]):
        return False
    if part == len(selector.combinators):
        return True
    above = node.parent
    while above is not None:
        if _matches_from(above, selector, part + 1):
            return True
        if selector.combinators[part] == ">":
            return False
        above = above.parent
    return False


def _is(node: _Node, compound: _Compound) -> bool:
    return (
        compound.keys <= node.keys
        and all(value in node.values for value in compound.values)
        and not (compound.is_root and node.parent is not None)
    )
