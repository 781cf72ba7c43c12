"""Filters: which subscribers, in one small expression such as `role:chef-de-projet and department:35`.

Operators are `and`, `or`, `not` (`et`, `ou`, `non`) and parentheses; `not` binds closest, then `and`, then `or`.
`key:value` holds for who has that tag, `key:*` for who has any value of it, and `all` (`tous`) for everybody.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import ColumnElement, and_, not_, or_, select, true

from pvd_mailer.database.schema import subscribers, tags
from pvd_mailer.errors import WrongUsageError
from pvd_mailer.i18n import _
from pvd_mailer.subscribers.tags import tag_key, value_key

__all__ = [
    "EVERYBODY",
    "AudienceFilter",
    "AudienceFilterError",
    "filter_condition",
    "parse_filter",
    "require_known_tags",
]

MAX_FILTER_LENGTH = 1000
MAX_FILTER_DEPTH = 30
_AND, _OR, _NOT, _ALL = {"and", "et"}, {"or", "ou"}, {"not", "non"}, {"all", "tous", "toutes"}


@dataclass(frozen=True, slots=True)
class _HasTag:
    """Has this tag; with None for a value, any value."""

    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class _Not:
    part: "_Node"


@dataclass(frozen=True, slots=True)
class _Join:
    """All of `parts`, or with `any_of` one of them. Without parts: everybody, or nobody."""

    any_of: bool
    parts: tuple["_Node", ...]


_Node: TypeAlias = _HasTag | _Not | _Join
_EVERYBODY, _NOBODY = _Join(False, ()), _Join(True, ())


@dataclass(frozen=True, slots=True)
class AudienceFilter:
    """A filter that was understood.

    Attributes:
        text: Its canonical text: the same for the same expression, however it was spelled. Parsing it gives it back.
    """

    text: str
    root: _Node

    @property
    def keys(self) -> frozenset[str]:
        """The keys of the tags that it asks for."""
        return frozenset(_tag_keys(self.root))


class AudienceFilterError(WrongUsageError):
    """An expression that is not a filter.

    Attributes:
        column: Where, counted from 1.
    """

    def __init__(self, text: str, column: int, message: str, hint: str = "") -> None:
        shown = text.replace("\n", " ").replace("\t", " ")
        start = max(0, column - 60)
        pointer = f"\n  {shown[start : start + 100]}\n  {' ' * (column - 1 - start)}▲" if shown.strip() else ""
        headline = _("the audience is not understood at character {column}: {what}").format(column=column, what=message)
        super().__init__(headline + pointer, hint or _("Write it like this: role:chef-de-projet and department:35"))
        self.column = column


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


_TOKENS = re.compile(
    r"""(?P<blank>\s+) | (?P<open>\() | (?P<close>\)) | (?P<colon>:)
    | "(?P<double>[^"]*)" | “(?P<curly>[^”]*)” | «(?P<french>[^»]*)» | '(?P<single>[^']*)'
    | (?P<word>[^\s():"“”«»']  [^\s():"“”«»]*) | (?P<fault>.)""",
    re.VERBOSE | re.DOTALL,
)


def parse_filter(text: str) -> AudienceFilter:
    """The filter that `text` writes.

    Raises:
        FilterError: it writes none; the message says where, and what was expected.
    """
    if len(text) > MAX_FILTER_LENGTH:
        raise AudienceFilterError(
            text, MAX_FILTER_LENGTH, _("it is longer than {most} characters").format(most=MAX_FILTER_LENGTH)
        )
    root = _Parser(text).expression()
    return AudienceFilter(_canonical_text(root), root)


class _Parser:
    """Descends through the expression; deeper than MAX_DEPTH it refuses."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[_Token] = []
        self.index = 0
        for match in _TOKENS.finditer(text):
            kind = match.lastgroup or "fault"
            if kind == "fault":
                problem = _("a quotation mark that is not closed")
                raise AudienceFilterError(text, match.start() + 1, problem, _("Put the value between two of them."))
            if kind != "blank":
                self.tokens.append(_Token(kind, match[kind], match.start() + 1))
        self.end = _Token("end", "", len(text.rstrip()) + 1)

    @property
    def next(self) -> _Token:
        return self.tokens[self.index] if self.index < len(self.tokens) else self.end

    def take(self) -> _Token:
        token = self.next
        self.index += 1
        return token

    def is_word(self, words: set[str]) -> bool:
        return self.next.kind == "word" and self.next.text.casefold() in words

    def fail(self, token: _Token, expected: str) -> AudienceFilterError:
        if token.kind == "end":
            return AudienceFilterError(
                self.text, token.column, _("it ends where {what} was expected").format(what=expected)
            )
        template = _("found “{found}” where {what} was expected")
        shown = {"open": "(", "close": ")", "colon": ":"}.get(token.kind, token.text)
        return AudienceFilterError(self.text, token.column, template.format(found=shown, what=expected))

    def expression(self) -> _Node:
        node = self.disjunction(0)
        if self.next.kind == "close":
            raise AudienceFilterError(self.text, self.next.column, _("a parenthesis is closed that was not opened"))
        if self.next.kind != "end":
            raise self.fail(self.next, _("“and”, “or” or the end"))
        return node

    def disjunction(self, depth: int) -> _Node:
        parts = [self.conjunction(depth)]
        while self.is_word(_OR):
            self.take()
            parts.append(self.conjunction(depth))
        return _joined(parts, any_of=True)

    def conjunction(self, depth: int) -> _Node:
        parts = [self.term(depth)]
        while self.is_word(_AND):
            self.take()
            parts.append(self.term(depth))
        return _joined(parts, any_of=False)

    def term(self, depth: int) -> _Node:
        token = self.take()
        if depth > MAX_FILTER_DEPTH:
            raise AudienceFilterError(self.text, token.column, _("it is nested too deep"))
        if token.kind == "open":
            node = self.disjunction(depth + 1)
            if self.next.kind != "close":
                raise self.fail(self.next, _("a closing parenthesis"))
            self.take()
            return node
        if token.kind == "word" and self.next.kind != "colon":
            if token.text.casefold() in _NOT:
                return _negated(self.term(depth + 1))
            if token.text.casefold() in _ALL:
                return _EVERYBODY
        if token.kind in {"end", "close", "colon"} or (token.kind == "word" and token.text.casefold() in _AND | _OR):
            raise self.fail(token, _("a tag such as role:maire, or “all”,"))
        return self.tag(token)

    def tag(self, token: _Token) -> _Node:
        key = tag_key(token.text)
        if self.next.kind != "colon":
            raise self.fail(self.next, _("a colon and a value after “{key}”").format(key=token.text))
        self.take()
        value = self.take()
        if value.kind in {"end", "open", "close", "colon"}:
            raise self.fail(value, _("the value of “{key}”").format(key=token.text))
        folded = None if value.kind == "word" and value.text == "*" else value_key(key, value.text)
        if not key or folded == "":
            raise self.fail(value if key else token, _("a name with letters or digits"))
        return _HasTag(key, folded)


def _joined(parts: list[_Node], *, any_of: bool) -> _Node:
    """The parts in one order, each once, joins of the same kind taken in."""
    flat: dict[str, _Node] = {}
    for part in parts:
        inner = part.parts if isinstance(part, _Join) and part.any_of is any_of else (part,)
        flat.update((_canonical_text(node), node) for node in inner)
    absorbing = _EVERYBODY if any_of else _NOBODY
    if absorbing in flat.values():
        return absorbing
    ordered = tuple(flat[text] for text in sorted(flat))
    return ordered[0] if len(ordered) == 1 else _Join(any_of, ordered)


def _negated(node: _Node) -> _Node:
    if isinstance(node, _Not):
        return node.part
    if isinstance(node, _Join) and not node.parts:
        return _Join(not node.any_of, ())
    return _Not(node)


def _canonical_text(node: _Node) -> str:
    if isinstance(node, _HasTag):
        return f"{_quoted(node.key)}:{'*' if node.value is None else _quoted(node.value)}"
    if isinstance(node, _Not):
        inner = _canonical_text(node.part)
        return f"not ({inner})" if isinstance(node.part, _Join) else f"not {inner}"
    if not node.parts:
        return "not all" if node.any_of else "all"
    texts = [f"({_canonical_text(part)})" if isinstance(part, _Join) else _canonical_text(part) for part in node.parts]
    return (" or " if node.any_of else " and ").join(texts)


def _quoted(text: str) -> str:
    plain = text != "*" and text not in _NOT | _ALL | _AND | _OR and not re.search(r"[\s():\"“”«»']", text)
    return text if plain else f'"{text}"'


def _tag_keys(node: _Node) -> set[str]:
    if isinstance(node, _HasTag):
        return {node.key}
    parts = (node.part,) if isinstance(node, _Not) else node.parts
    return set().union(*(_tag_keys(part) for part in parts))


def require_known_tags(audience: AudienceFilter, known: Collection[str]) -> None:
    """Look whether anybody has a tag of the keys that `audience` asks for: most often it is a slip of the pen.

    Raises:
        WrongUsageError: nobody has; the hint lists the keys that there are.
    """
    for key in sorted(audience.keys - set(known)):
        key_list = ", ".join(sorted(known))
        hint = _("Known tags: {keys}.").format(keys=key_list) if known else _("No subscriber has any tag yet.")
        raise WrongUsageError(_("no subscriber has a tag “{key}”").format(key=key), hint)


def filter_condition(audience: AudienceFilter) -> ColumnElement[bool]:
    """`audience` as a condition on the table of subscribers."""
    return _node_condition(audience.root)


def _node_condition(node: _Node) -> ColumnElement[bool]:
    if isinstance(node, _HasTag):
        holders = select(tags.c.subscriber_id).where(tags.c.key == node.key)
        if node.value is not None:
            holders = holders.where(tags.c.value_key == node.value)
        return subscribers.c.id.in_(holders)
    if isinstance(node, _Not):
        return not_(_node_condition(node.part))
    parts = [_node_condition(part) for part in node.parts]
    return or_(not_(true()), *parts) if node.any_of else and_(true(), *parts)


EVERYBODY = AudienceFilter("all", _EVERYBODY)
"""No filter."""
