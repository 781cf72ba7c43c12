"""The issue as a whole."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from pvd_mailer.issue.base import Day, IssueNumber, Slug, StrictModel, Text, model_error
from pvd_mailer.issue.blocks import Block, EditorNote, Image, SnippetBlock, Waivers
from pvd_mailer.issue.parts import parts_of

__all__ = ["Issue"]


def _refuse_checks(value: dict[str, object]) -> dict[str, object]:
    if "checks" in value:
        raise model_error("override-checks", field="checks")
    return value


Override = Annotated[
    dict[str, object],
    AfterValidator(_refuse_checks),
    WithJsonSchema({"type": "object", "additionalProperties": True, "propertyNames": {"not": {"const": "checks"}}}),
]
"""Settings by their names, but for what rules weigh: an issue lets a finding be by a waiver, which gives its reason."""


class Issue(StrictModel):
    """The content of one month, from `issues/NNN-YYYY-MM/issue.yaml`."""

    publication: Slug
    """The folder in `templates/` with its settings."""
    number: IssueNumber
    date: Day
    """The day it comes out."""
    lang: Literal["fr", "en"] | None = None
    """The language it is written in; the publication's where it is not given."""
    subject: Annotated[Text, Field(max_length=150)]
    """The mail's subject line."""
    preheader: Annotated[Text, Field(max_length=200)]
    """What an inbox shows after the subject."""
    title: Text | None = None
    """A headline under the masthead."""
    note: EditorNote | None = None
    waive: Waivers = ()
    """What `check` finds outside of blocks and is to let be."""
    override: Override | None = None
    """Settings of the publication that are different this once; never `checks`."""
    blocks: Annotated[tuple[Block, ...], Field(min_length=1, max_length=100, strict=False)]

    def images(self) -> tuple[Image, ...]:
        """Every picture of the issue, in the order of the letter."""
        return tuple(image for _path, image in parts_of(self.blocks, Image))

    def snippets_used(self) -> tuple[str, ...]:
        """The names of the publication's texts that it uses, each once, in the order of the letter."""
        return tuple(dict.fromkeys(block.use for block in self.blocks if isinstance(block, SnippetBlock)))
