"""The texts of the publication that an issue uses, by the names in its tree."""

from collections.abc import Iterator

from pvd_mailer.compose.finding import block_id
from pvd_mailer.compose.model_errors import suggestion
from pvd_mailer.compose.validate import block_nodes
from pvd_mailer.compose.yaml.parsed_file import ParsedFile
from pvd_mailer.compose.yaml.tree import MappingNode, Node, ScalarNode
from pvd_mailer.findings import Finding
from pvd_mailer.issue import Publication
from pvd_mailer.issue.blocks import SnippetBlock, block_type

__all__ = ["snippets_used", "unknown_snippets"]


def _uses(root: Node) -> Iterator[tuple[MappingNode, ScalarNode]]:
    """Each block that draws a snippet, and the node of its name."""
    for block in block_nodes(root):
        type_node, use = block.items.get("type"), block.items.get("use")
        is_snippet = isinstance(type_node, ScalarNode) and type_node.text == block_type(SnippetBlock)
        if is_snippet and isinstance(use, ScalarNode) and use.text:
            yield block, use


def snippets_used(root: Node) -> tuple[str, ...]:
    """The names that the issue of `root` uses, each once."""
    return tuple(dict.fromkeys(use.text for _block, use in _uses(root)))


def unknown_snippets(root: Node, file: ParsedFile, publication: Publication) -> Iterator[Finding]:
    """The findings of names that `publication` has no snippet of."""
    for block, use in _uses(root):
        if use.text not in publication.snippets:
            yield file.finding_at(
                use,
                "snippet-missing",
                block=block_id(block),
                found=use.text[:60],
                expected=", ".join(publication.snippets) or "–",
                suggestion=suggestion(use.text, list(publication.snippets)),
            )
