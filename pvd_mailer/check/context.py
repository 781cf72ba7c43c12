"""What the proofreader reads: an issue, its file, its letter, and what there was last month."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from lxml import html as lxml_html
from lxml.etree import HTMLParser, _Element

from pvd_mailer.check.files import CheckedFiles
from pvd_mailer.check.html.block_owner import block_by_element, block_marks
from pvd_mailer.check.html.computed_style import ComputedStyle, computed_styles
from pvd_mailer.check.html.stylesheet import ColourScheme
from pvd_mailer.check.images.images import DisplayedImage, displayed_images
from pvd_mailer.check.links.links import Link, links_of_issue
from pvd_mailer.check.text.passages import Passage, passages_of_issue
from pvd_mailer.check.text.years import YearHints, years_in
from pvd_mailer.issue import Issue, Publication
from pvd_mailer.issue.blocks import BlockBase, Heading
from pvd_mailer.issue.parts import parts_of
from pvd_mailer.issue.picture import Picture
from pvd_mailer.issue.schedule import Scheduled
from pvd_mailer.issue.source_map import SourceMap
from pvd_mailer.letter import Letter
from pvd_mailer.online import OnlineResults

__all__ = ["CheckContext"]


@dataclass(frozen=True)
class CheckContext:
    """All that a rule may look at. It never changes; what several rules need is made once, when the first asks.

    Attributes:
        issue: What is said this month.
        publication: The settings, the issue's overrides included.
        source_map: The issue's file, and where each value stands in it.
        settings_source_map: The publication's file, likewise; None where it cannot be told.
        pictures: By file name.
        dictionary_words: The publication's own words and names.
        previous_issue: The issue before this one, of the same publication; None where there is none that can be read.
        previous_pictures: Its pictures, by file name.
        longest_values: By field, the longest value that a reader's own letter can have.
        online: What the network answered; None where it was not asked.
        pages_url: Where the letter's pictures and pages are hosted; a setting that the rules do not judge.
        render_letter: Renders the letter. Rules that can fix read the issue alone, and so never wait for it.
    """

    issue: Issue
    publication: Publication
    source_map: SourceMap
    pictures: Mapping[str, Picture]
    render_letter: Callable[[], Letter]
    settings_source_map: SourceMap | None = None
    dictionary_words: tuple[str, ...] = ()
    previous_issue: Issue | None = None
    previous_pictures: Mapping[str, Picture] = field(default_factory=dict)
    longest_values: Mapping[str, str] = field(default_factory=dict)
    online: OnlineResults | None = None
    pages_url: str | None = None

    def computed_styles(self, scheme: ColourScheme) -> Mapping[_Element, ComputedStyle]:
        """How each element of `tree` looks in `scheme`."""
        return self._computed_styles_by_scheme[scheme]

    @cached_property
    def _computed_styles_by_scheme(self) -> Mapping[ColourScheme, Mapping[_Element, ComputedStyle]]:
        return computed_styles(self.tree)

    @cached_property
    def files(self) -> CheckedFiles:
        """The issue's file and the publication's."""
        return CheckedFiles(self.source_map, self.settings_source_map, self.issue.override is not None)

    @property
    def lang(self) -> str:
        """The language that the letter is written in."""
        return self.issue.lang or self.publication.lang

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Every text of the issue, in the order of the letter."""
        return tuple(passages_of_issue(self.issue, self.files, self.lang, self.dictionary_words, self.publication))

    def passages_in(self, lang: str) -> Iterator[Passage]:
        """The texts of a letter in `lang`, without those that are in another language; none of any other letter."""
        if self.lang == lang:
            yield from (passage for passage in self.passages if not passage.is_foreign)

    def passages_of_block(self, block_index: int) -> tuple[Passage, ...]:
        """The texts of the block at `block_index`."""
        return self._passages_by_block.get(block_index, ())

    @cached_property
    def _passages_by_block(self) -> Mapping[int, tuple[Passage, ...]]:
        passages_by_block: dict[int, list[Passage]] = {}
        for passage in self.passages:
            if passage.block is not None:
                passages_by_block.setdefault(self.blocks_by_id[passage.block][0], []).append(passage)
        return {index: tuple(texts) for index, texts in passages_by_block.items()}

    def year_hints(self, passage: Passage) -> YearHints:
        """What the block of `passage`, and the rubric that it stands in, say of the years of its dates."""
        if passage.block is None:
            return YearHints()
        return self._year_hints_by_block[self.blocks_by_id[passage.block][0]]

    @cached_property
    def _year_hints_by_block(self) -> tuple[YearHints, ...]:
        hints: list[YearHints] = []
        rubric_years: tuple[int, ...] = ()
        for index, block in enumerate(self.issue.blocks):
            named_years = tuple(year for passage in self.passages_of_block(index) for year in years_in(passage.plain))
            if isinstance(block, Heading):
                rubric_years = named_years
            hints.append(
                YearHints(
                    _days_of_block(block, self.publication.zone), tuple(dict.fromkeys((*named_years, *rubric_years)))
                )
            )
        return tuple(hints)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Every link that the issue and the publication ask for."""
        return tuple(links_of_issue(self.issue, self.publication, self.files, self.passages_of_block))

    @cached_property
    def displayed_images(self) -> tuple[DisplayedImage, ...]:
        """Every picture of the letter."""
        return tuple(displayed_images(self.issue, self.publication, self.pictures, self.letter, self.tree))

    @cached_property
    def previous_passages(self) -> tuple[Passage, ...]:
        """Every text of the last issue; their places are not to be asked for."""
        if self.previous_issue is None:
            return ()
        return tuple(passages_of_issue(self.previous_issue, CheckedFiles(self.source_map), self.lang))

    @cached_property
    def letter(self) -> Letter:
        """The letter, as it would be sent."""
        return self.render_letter()

    @cached_property
    def tree(self) -> _Element:
        """The document of the letter's HTML, parsed once; conditional comments stay comments. Nobody changes it."""
        # lxml's own elements: those of lxml.html are made anew, in Python, at each walk.
        parser = HTMLParser(encoding="utf-8")
        return lxml_html.document_fromstring(self.letter.html.encode(), parser=parser)

    @cached_property
    def blocks_by_id(self) -> Mapping[str, tuple[int, BlockBase]]:
        """The blocks by id, with their place in the issue."""
        return {block.id: (index, block) for index, block in enumerate(self.issue.blocks)}

    def passage_at(self, *path: str | int) -> Passage | None:
        """The first passage of the value at `path`."""
        return next((passage for passage in self.passages if passage.path == path), None)

    def block_of_element(self, element: _Element) -> str | None:
        """The block that `element` of `tree` was drawn for; None for what is the publication's."""
        return self._block_by_element.get(element)

    @cached_property
    def _block_by_element(self) -> Mapping[_Element, str | None]:
        marks = block_marks(self.issue, self.publication, self.links, self.pictures)
        return block_by_element(marks, self.publication, self.letter, self.tree)


def _days_of_block(block: BlockBase, zone: str) -> tuple[date, ...]:
    """The first and the last day of an event, or of each brief that has one."""
    moments = [scheduled.time_range(zone) for _path, scheduled in parts_of(block, Scheduled)]
    return tuple(
        dict.fromkeys(
            day for schedule in moments if schedule is not None for day in (schedule.first_day, schedule.last_day)
        )
    )
