"""What the proofreader reads: an issue, its file, its letter, and what there was last month."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from lxml import html as lxml_html
from lxml.etree import _Element

from pvd_mailer.check.cascade import Look, looks
from pvd_mailer.check.images import Shown, shown
from pvd_mailer.check.links import Link, links
from pvd_mailer.check.owners import owners
from pvd_mailer.check.sheets import Mode
from pvd_mailer.check.texts import Passage, passages
from pvd_mailer.check.years import Context, years_in
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import BlockBase, Briefs, Heading
from pvd_mailer.issue.manuscript import Manuscript
from pvd_mailer.issue.picture import Picture
from pvd_mailer.issue.when import Scheduled
from pvd_mailer.letter import Letter
from pvd_mailer.online import Answers

__all__ = ["Subject"]


@dataclass(frozen=True)
class Subject:
    """All that a rule may look at. It never changes; what several rules need is made once, when the first asks.

    Attributes:
        issue: What is said this month.
        publication: The settings, the issue's overrides included.
        manuscript: The issue's file, and where each value stands in it.
        settings: The publication's file, likewise; None where it cannot be told.
        pictures: By file name.
        names: The publication's own words and names.
        last: The issue before this one, of the same publication; None where there is none that can be read.
        last_pictures: Its pictures, by file name.
        longest: By field, the longest value that a reader's own letter can have.
        online: What the network answered; None where it was not asked.
        pages_url: Where the letter's pictures and pages are hosted; a setting that the rules do not judge.
        write: Renders the letter. Rules that mend read the issue alone, and so never wait for it.
    """

    issue: Issue
    publication: Publication
    manuscript: Manuscript
    pictures: Mapping[str, Picture]
    write: Callable[[], Letter]
    settings: Manuscript | None = None
    names: tuple[str, ...] = ()
    last: Issue | None = None
    last_pictures: Mapping[str, Picture] = field(default_factory=dict)
    longest: Mapping[str, str] = field(default_factory=dict)
    online: Answers | None = None
    pages_url: str | None = None

    def looks(self, mode: Mode) -> Mapping[_Element, Look]:
        """How each element of `tree` looks in `mode`."""
        return self._looks[mode]

    @cached_property
    def _looks(self) -> Mapping[Mode, Mapping[_Element, Look]]:
        return {mode: looks(self.tree, mode) for mode in Mode}

    @property
    def lang(self) -> str:
        """The language that the letter is written in."""
        return self.issue.lang or self.publication.lang

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every text of the issue, in the order of the letter."""
        return tuple(passages(self.issue, self.manuscript, self.lang, self.names))

    def passages_of(self, index: int) -> tuple[Passage, ...]:
        """The texts of the block at `index`."""
        return self._passages_by_block.get(index, ())

    @cached_property
    def _passages_by_block(self) -> Mapping[int, tuple[Passage, ...]]:
        found: dict[int, list[Passage]] = {}
        for one in self.passages:
            if one.path[0] == "blocks" and isinstance(one.path[1], int):
                found.setdefault(one.path[1], []).append(one)
        return {index: tuple(texts) for index, texts in found.items()}

    def context(self, passage: Passage) -> Context:
        """What the block of `passage`, and the rubric that it stands in, say of the years of its dates."""
        index = passage.path[1] if passage.block is not None else None
        return self._contexts[index] if isinstance(index, int) else Context()

    @cached_property
    def _contexts(self) -> tuple[Context, ...]:
        found: list[Context] = []
        rubric: tuple[int, ...] = ()
        for index, block in enumerate(self.issue.blocks):
            named = tuple(year for one in self.passages_of(index) for year in years_in(one.plain))
            if isinstance(block, Heading):
                rubric = named
            found.append(Context(_days(block, self.publication.zone), tuple(dict.fromkeys((*named, *rubric)))))
        return tuple(found)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link that the issue and the publication ask for."""
        return tuple(links(self))

    @cached_property
    def shown(self) -> tuple[Shown, ...]:
        """Every picture of the letter."""
        return tuple(shown(self))

    @cached_property
    def last_passages(self) -> tuple[Passage, ...]:
        """Every text of the last issue; their places are not to be asked for."""
        if self.last is None:
            return ()
        return tuple(passages(self.last, self.manuscript, self.lang))

    @cached_property
    def letter(self) -> Letter:
        """The letter, as it would be sent."""
        return self.write()

    @cached_property
    def tree(self) -> _Element:
        """The document of the letter's HTML, parsed once; conditional comments stay comments. Nobody changes it."""
        parser = lxml_html.HTMLParser(encoding="utf-8")
        return lxml_html.document_fromstring(self.letter.html.encode(), parser=parser)

    @cached_property
    def blocks(self) -> Mapping[str, tuple[int, BlockBase]]:
        """The blocks by id, with their place in the issue."""
        return {block.id: (index, block) for index, block in enumerate(self.issue.blocks)}

    def passage(self, *path: str | int) -> Passage | None:
        """The first passage of the value at `path`."""
        return next((one for one in self.passages if one.path == path), None)

    def block_of(self, element: _Element) -> str | None:
        """The block that `element` of `tree` was drawn for; None for what is the publication's."""
        return self._owners.get(element)

    @cached_property
    def _owners(self) -> Mapping[_Element, str | None]:
        return owners(self)


def _days(block: BlockBase, zone: str) -> tuple[date, ...]:
    """The first and the last day of an event, or of each brief that has one."""
    parts = [block, *(block.items if isinstance(block, Briefs) else ())]
    moments = [part.when(zone) for part in parts if isinstance(part, Scheduled)]
    return tuple(dict.fromkeys(day for when in moments if when is not None for day in (when.first_day, when.last_day)))
