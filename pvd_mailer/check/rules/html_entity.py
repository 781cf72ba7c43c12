"""A character that is written as HTML writes it, and that readers see as it is written."""

import unicodedata
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import FileValueSpan, TextSpan
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.check.text.entities import entities_in
from pvd_mailer.check.text.passages import Passage
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    for passage in context.passages:
        for start, end, character in entities_in(passage.text):
            yield Violation(
                _message(passage.text[start:end], character),
                TextSpan(passage, start, end),
                rewrite=_yaml_spelling(passage, character),
            )
    texts = {(passage.source_map.file, passage.path) for passage in context.passages}
    links = {(link.source_map.file, link.path): link for link in context.links if link.block_id}
    for link in (link for key, link in links.items() if key not in texts):
        node = link.source_map.spans.get(link.path)
        for start, end, character in entities_in(node.value or "") if node else ():
            if character == "&":  # between two parameters; no other is to be expected in an address
                location = FileValueSpan(link.source_map, link.path, link.block_id, start, end)
                yield Violation(_message("&amp;", character), location, rewrite=character)


def _message(entity: str, character: str) -> str:
    return _("“{found}” is HTML, and readers would see it like this: “{wanted}” was expected").format(
        found=entity, wanted=character
    )


def _yaml_spelling(passage: Passage, character: str) -> str | None:
    """`character` as YAML takes it where the text stands; None for what no text may hold."""
    if (
        any(unicodedata.category(part) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for part in character)
        or "\ufffd" in character
    ):
        return None
    node = passage.source_map.nearest_span(passage.path)
    if node is not None and node.style == '"':
        return character.replace("\\", "\\\\").replace('"', '\\"')
    return character.replace("'", "''") if node is not None and node.style == "'" else character


RULE = Rule(
    id="html-entity",
    severity=Severity.BLOCKING,
    group=Group.TYPOGRAPHY,
    title=N_("A character written as HTML"),
    description=N_(
        "A text copied out of a web page's source brings `&eacute;`, `&rsquo;` or `&amp;` with it. Titles and other short texts "
        "are shown as they are written, and readers would see “l&rsquo;&eacute;t&eacute;”. In a long text these are decoded, unless they "
        "were encoded twice; in the address of a button `&amp;` leads elsewhere. Other rules leave such words alone until they "
        "are mended."
    ),
    hint=N_("Write the character itself; `check --fix` does it."),
    check=_check,
    fixable=True,
)
