"""Which features of HTML and CSS a letter uses, by their names in the table of mail programs, and where it does.

Names are caniemail's (`css-border-radius`). A use knows what stands around it: a rule inside of `<style>` does not
matter to a program that drops every `<style>`, nor one for dark screens to a program that knows no dark.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import tinycss2
from lxml.etree import _Element

from pvd_mailer.check.html.stylesheet import Declaration, parse_declarations

__all__ = ["NOT_DETECTED", "FeatureUse", "feature_uses", "is_detected"]

NOT_DETECTED = {
    "css-comments": "no letter depends on a comment being read",
    "css-nesting": "the parser reads nested rules as declarations; no template nests",
    "css-inert-attribute": "an attribute of what is interactive, which a letter is not",
    "html-doctype": "every mail program writes its own",
    "html-body": "MJML draws the letter on an element inside of it",
    "image-apng": "its bytes are a PNG's, whose first picture is shown",
    "image-hdr": "no editor's program writes it into a PNG, JPEG or GIF",
    "image-base64": "addresses of pictures are ours: cid: or https:",
    "html-hidden": "told by contrast and headings as what is not seen",
}
"""Features that are not looked for, and why."""
_CLIENT_BY_SELECTOR = {
    "[data-ogsc]": "outlook-com",
    "[data-ogsb]": "outlook-com",
    ".moz-text-html": "thunderbird",
    "u + ": "gmail",
    "x-apple-data-detectors": "apple-mail",
}
"""Selectors by which one mail program alone is meant."""

_PROPERTIES = {
    "css-block-inline-size": ("block-size", "inline-size"),
    "css-border-inline-block": ("border-inline", "border-block"),
    "css-border-inline-block-individual": (
        "border-block-end", "border-block-start", "border-inline-end", "border-inline-start",
    ),
    "css-border-inline-block-longhand": (
        "border-block-color", "border-block-style", "border-block-width", "border-inline-color", "border-inline-style",
        "border-inline-width",
    ),
    "css-border-radius": (
        "border-radius", "border-top-left-radius", "border-top-right-radius", "border-bottom-left-radius",
        "border-bottom-right-radius",
    ),
    "css-border-radius-logical": (
        "border-end-end-radius", "border-end-start-radius", "border-start-end-radius", "border-start-start-radius",
    ),
    "css-column-layout-properties": (
        "columns", "column-fill", "column-rule", "column-rule-color", "column-rule-style", "column-rule-width",
        "column-span", "column-width",
    ),
    "css-gap": ("gap", "row-gap", "column-gap", "grid-gap"),
    "css-grid-template": ("grid-template", "grid-template-areas", "grid-template-columns", "grid-template-rows"),
    "css-inset": ("inset", "inset-block", "inset-inline"),
    "css-left-right-top-bottom": ("left", "right", "top", "bottom"),
    "css-margin-block-start-end": ("margin-block-start", "margin-block-end"),
    "css-margin-inline-block": ("margin-inline", "margin-block"),
    "css-margin-inline-start-end": ("margin-inline-start", "margin-inline-end"),
    "css-padding-block-start-end": ("padding-block-start", "padding-block-end"),
    "css-padding-inline-block": ("padding-inline", "padding-block"),
    "css-padding-inline-start-end": ("padding-inline-start", "padding-inline-end"),
    "css-overflow": ("overflow", "overflow-x", "overflow-y"),
    "css-scroll-snap": ("scroll-snap-type", "scroll-snap-align"),
    "css-text-wrap": ("text-wrap", "text-wrap-mode", "text-wrap-style"),
}  # fmt: skip
_DECLARATION_PATTERNS: dict[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "css-display-flex": r"^display:(?:inline-)?flex",
        "css-display-grid": r"^display:(?:inline-)?grid",
        "css-background-image": r"^background(?:-image)?:.*(?:url\(|image-set\()",
        "css-conic-gradient": r"conic-gradient\(",
        "css-linear-gradient": r"linear-gradient\(",
        "css-radial-gradient": r"radial-gradient\(",
        "css-function-clamp": r"\bclamp\(",
        "css-function-light-dark": r"\blight-dark\(",
        "css-function-max": r"\bmax\(",
        "css-function-min": r"\bmin\(",
        "css-unit-calc": r"\bcalc\(",
        "css-unit-initial": r":\s*initial\b",
        "css-unit-ch": r"\d(?:\.\d+)?ch\b",
        "css-unit-rem": r"\d(?:\.\d+)?rem\b",
        "css-unit-vh": r"\d(?:\.\d+)?vh\b",
        "css-unit-vw": r"\d(?:\.\d+)?vw\b",
        "css-unit-vmin": r"\d(?:\.\d+)?vmin\b",
        "css-unit-vmax": r"\d(?:\.\d+)?vmax\b",
        "css-rgba": r"\b(?:rgba|hsla)\(",
        "css-modern-color": r"\b(?:oklch|oklab|lch|lab|hwb|color|color-mix)\(",
        "css-variables": r"^--|\bvar\(",
        "css-intrinsic-size": r"\b(?:min-content|max-content|fit-content)\b",
        "css-sytem-ui": r"^font(?:-family)?:.*\bsystem-ui\b",
    }.items()
}
_SELECTOR_PATTERNS: dict[str, re.Pattern[str]] = {
    "css-selector-adjacent-sibling": re.compile(r"\+"),
    "css-selector-attribute": re.compile(r"\[(?!data-ogs[cb])"),
    "css-selector-chaining": re.compile(r"\.[\w-]+[.#][\w-]"),
    "css-selector-child": re.compile(r">"),
    "css-selector-general-sibling": re.compile(r"~(?!=)"),
    "css-selector-universal": re.compile(r"(?<![\w\])])\*"),
}
_ELEMENTS = {
    "html-semantics": ("article", "aside", "details", "figcaption", "figure", "footer", "header", "main", "mark", "nav",
                       "section", "summary", "time"),
    "html-image-maps": ("map", "area"),
    "html-h1-h6": ("h1", "h2", "h3", "h4", "h5", "h6"),
    "html-lists": ("ul", "ol", "dl"),
}  # fmt: skip
_ATTRIBUTE_TESTS: dict[str, Callable[[_Element], bool]] = {
    "html-anchor-links": lambda element: element.tag == "a" and (element.get("href") or "").startswith("#"),
    "html-aria-describedby": lambda element: "aria-describedby" in element.attrib,
    "html-aria-hidden": lambda element: "aria-hidden" in element.attrib,
    "html-aria-label": lambda element: "aria-label" in element.attrib,
    "html-aria-labelledby": lambda element: "aria-labelledby" in element.attrib,
    "html-aria-live": lambda element: "aria-live" in element.attrib,
    "html-button-reset": lambda element: element.tag == "button" and element.get("type") == "reset",
    "html-button-submit": lambda element: element.tag == "button" and element.get("type", "submit") == "submit",
    "html-lang": lambda element: "lang" in element.attrib,
    "html-loading-attribute": lambda element: "loading" in element.attrib,
    "html-meta-color-scheme": lambda element: element.tag == "meta" and element.get("name") == "color-scheme",
    "html-popover": lambda element: "popover" in element.attrib,
    "html-required": lambda element: "required" in element.attrib,
    "html-role": lambda element: "role" in element.attrib,
    "html-srcset": lambda element: "srcset" in element.attrib,
    "html-target": lambda element: "target" in element.attrib,
}
_VALUES_ASKED = ("type", "name", "src")
"""Attributes whose values tell features; of `href` the first sign does, and of all others that they are there."""
_INPUT_TYPES = ("checkbox", "hidden", "radio", "reset", "submit", "text")
_IMAGE_FORMATS = {
    "avif": "image-avif", "bmp": "image-bmp", "heic": "image-heif", "heif": "image-heif", "ico": "image-ico",
    "mp4": "image-mp4", "svg": "image-svg", "tif": "image-tiff", "tiff": "image-tiff", "webp": "image-webp",
}  # fmt: skip
_FEATURE_BY_PROPERTY = {name: slug for slug, names in _PROPERTIES.items() for name in names}


@dataclass(frozen=True, slots=True)
class FeatureUse:
    """A feature in use.

    Attributes:
        requires: The features that have to be there for this one to matter.
        only_client: The one program that it is meant for, if it is.
        element: Where.
    """

    feature: str
    element: _Element
    requires: frozenset[str] = frozenset()
    only_client: str | None = None


_UseKey = tuple[str, frozenset[str], str | None]
_IN_STYLE_ELEMENT = frozenset({"html-style"})


def is_detected(feature: str) -> bool:
    """Whether `feature` is looked for."""
    tables = (_PROPERTIES, _DECLARATION_PATTERNS, _SELECTOR_PATTERNS, _ELEMENTS, _ATTRIBUTE_TESTS)
    if feature in NOT_DETECTED:
        return False
    if any(feature in table for table in tables) or feature in _IMAGE_FORMATS.values():
        return True
    # The rest goes by its name: a property, a pseudo-class, an at-rule, an element.
    return feature.startswith(("css-", "html-"))


def feature_uses(tree: _Element) -> Iterator[FeatureUse]:
    """What the document uses, each with the first element that does, for each way that it stands."""
    seen: set[_UseKey] = set()
    # An element or a style that is like one before it uses nothing new.
    known_elements: set[tuple[object, ...]] = set()
    known_styles: set[str] = {""}
    for element in tree.iter("*"):
        keys: list[_UseKey] = []
        alike = (element.tag, *element.keys(), *map(element.get, _VALUES_ASKED), (element.get("href") or "")[:1])
        if alike not in known_elements:
            known_elements.add(alike)
            keys += [(feature, frozenset(), None) for feature in _features_of_element(element)]
        style = element.get("style") or ""
        if style not in known_styles:
            known_styles.add(style)
            keys += [(feature, frozenset(), None) for feature in _features_of_style(style)]
        if element.tag == "style":
            keys += _uses_in_stylesheet(element.text or "", element.get("media") or "")
        for key in keys:
            if key not in seen:
                seen.add(key)
                feature, requires, only_client = key
                yield FeatureUse(feature, element, requires, only_client)


def _features_of_element(element: _Element) -> Iterator[str]:
    tag = element.tag
    yield from (slug for slug, tags in _ELEMENTS.items() if tag in tags)
    yield from (slug for slug, has_attribute in _ATTRIBUTE_TESTS.items() if has_attribute(element))
    if tag == "input":
        kind = (element.get("type") or "text").lower()
        yield f"html-input-{kind if kind in _INPUT_TYPES else 'text'}"
    elif tag == "img":
        ending = (element.get("src") or "").partition("?")[0].rpartition(".")[2].lower()
        if ending in _IMAGE_FORMATS:
            yield _IMAGE_FORMATS[ending]
    yield f"html-{tag}"


@lru_cache(maxsize=4096)
def _features_of_style(style: str) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            feature for declaration in parse_declarations(style) for feature in _features_of_declaration(declaration)
        )
    )


def _features_of_declaration(declaration: Declaration) -> Iterator[str]:
    css = f"{declaration.name}:{declaration.value.lower()}"
    yield from (slug for slug, pattern in _DECLARATION_PATTERNS.items() if pattern.search(css))
    name = re.sub(r"^-(?:webkit|moz|ms|o)-", "", declaration.name)
    if name == declaration.name:
        yield _FEATURE_BY_PROPERTY.get(name, f"css-{name}")
    if declaration.important:
        yield "css-important"


@lru_cache(maxsize=64)
def _uses_in_stylesheet(text: str, media: str) -> tuple[_UseKey, ...]:
    requires = _IN_STYLE_ELEMENT | frozenset(_features_of_media(media)) if media else _IN_STYLE_ELEMENT
    nodes = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    return tuple(dict.fromkeys(_uses_in_rules(nodes, requires)))


def _features_of_media(query: str) -> Iterator[str]:
    yield "css-at-media"
    for name in re.findall(r"\(\s*(?:min-|max-|-webkit-min-)?([a-z-]+)", query.lower()):
        yield f"css-at-media-{name}"


def _uses_in_rules(nodes: list[tinycss2.ast.Node], requires: frozenset[str]) -> Iterator[_UseKey]:
    for node in nodes:
        if node.type == "at-rule":
            keyword = re.sub(r"^-\w+-", "", node.lower_at_keyword)
            own_features = frozenset({f"css-at-{keyword}"})
            if keyword == "media":
                own_features = frozenset(_features_of_media(tinycss2.serialize(node.prelude)))
            yield from ((feature, requires, None) for feature in sorted(own_features))
            if node.content is not None and keyword in ("media", "supports"):
                inner_nodes = tinycss2.parse_rule_list(node.content, skip_comments=True, skip_whitespace=True)
                yield from _uses_in_rules(inner_nodes, requires | own_features)
        elif node.type == "qualified-rule":
            selector = tinycss2.serialize(node.prelude)
            only_client = next((client for mark, client in _CLIENT_BY_SELECTOR.items() if mark in selector), None)
            features = [*_features_of_selector(selector), *_features_of_style(tinycss2.serialize(node.content))]
            yield from ((feature, requires, only_client) for feature in features)


def _features_of_selector(selector: str) -> Iterator[str]:
    yield from (slug for slug, pattern in _SELECTOR_PATTERNS.items() if pattern.search(selector))
    for colons, name in re.findall(r"(:{1,2})([a-z-]+)", selector.lower()):
        is_element = colons == "::" or name in ("before", "after", "first-letter", "first-line")
        yield f"css-pseudo-{'element' if is_element else 'class'}-{name}"
