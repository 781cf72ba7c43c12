"""What a rule of the proofreader is, and what it gives."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import Replacement, SymbolicLocation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_
from pvd_mailer.online import OnlineResults

__all__ = ["GROUPS", "Example", "Group", "Rule", "Violation"]


class Group(StrEnum):
    """What a rule is about; the order is that of the documentation."""

    FACTS = "facts"
    LINKS = "links"
    IMAGES = "images"
    ACCESSIBILITY = "accessibility"
    CLIENTS = "clients"
    DELIVERY = "delivery"
    TYPOGRAPHY = "typography"
    SPELLING = "spelling"
    READING = "reading"


GROUPS = {
    Group.FACTS: N_("Facts in the text"),
    Group.LINKS: N_("Links"),
    Group.IMAGES: N_("Images"),
    Group.ACCESSIBILITY: N_("Accessibility of the letter"),
    Group.CLIENTS: N_("Mail programs"),
    Group.DELIVERY: N_("Weight and delivery"),
    Group.TYPOGRAPHY: N_("Typography"),
    Group.SPELLING: N_("Spelling"),
    Group.READING: N_("Reading ease"),
}


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that a rule found. Its place is symbolic; `locate` tells lines and columns.

    Attributes:
        message: What was found and what was expected, already through `_()`.
        location: Where; None for the issue as a whole.
        hint: What to do, already through `_()`; the rule's own where None.
        rewrite: What to write instead of the text that `location` (a `TextSpan` or an `IssueValueSpan`) spans, where
            that is safe; or pieces of its passage, by offsets, and what to write instead of each.
        severity: Instead of the rule's.
    """

    message: str
    location: SymbolicLocation | None = None
    hint: str | None = None
    rewrite: str | tuple[Replacement, ...] | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """An issue in which a rule finds something, or finds nothing: only what differs from a plain, faultless one.

    Attributes:
        blocks: YAML of blocks, as they stand under `blocks:`, without their indentation.
        issue_keys: Keys of the issue, in YAML, by name: `{"subject": '"Un sujet"'}`.
        previous_blocks: YAML of the blocks of the issue before this one; no issue before it where None.
        previous_issue_keys: Keys of that issue.
        pictures: Pictures beside the issue, by name: the file of `tests/check/pictures/` to take, or one that
            `tests/check/drawn.py` draws.
        settings: Keys of publication.yaml, in YAML, by name.
        html: HTML put at the end of the letter's body: what a publication's own template could have drawn.
        text: Text put at the end of the letter's text part.
        dictionary_words: Lines of words.txt.
        letter_substitutions: Regular expressions, and what both parts of the letter have instead of a match: what a
            publication's own template could have lost.
        online: What the network answered; None where it was not asked.
    """

    blocks: str = ""
    issue_keys: Mapping[str, str] = field(default_factory=dict)
    previous_blocks: str | None = None
    previous_issue_keys: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    html: str = ""
    text: str = ""
    dictionary_words: str = ""
    letter_substitutions: Mapping[str, str] = field(default_factory=dict)
    online: OnlineResults | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the proofreader. `check` is a pure function of its subject.

    Attributes:
        id: Stable; the name of its module with hyphens.
        severity: As it comes; a publication may set another.
        group: What it is about.
        title: What it looks for, in a few words; marked with `N_`, as are `description` and `hint`.
        description: A paragraph of documentation: what it finds, why it matters, what it leaves alone.
        hint: What to do, where a finding has no hint of its own.
        failing: Issues in which it finds something; the first is shown in the documentation.
        passing: Issues in which it finds nothing, and near to the failing ones.
        check: What it finds.
        fixable: Whether some of its findings have a `rewrite`. Such a rule reads the issue, never the letter.
        online: Whether it reads what the network answered, and so runs only where somebody asked (`--online`).
        is_available: Whether it can look, where it needs a part of the machine; a waiver of it is not idle elsewhere.
    """

    id: str
    severity: Severity
    group: Group
    title: str
    description: str
    hint: str
    failing: tuple[Example, ...]
    passing: tuple[Example, ...]
    check: Callable[[CheckContext], Iterator[Violation]]
    fixable: bool = False
    online: bool = False
    is_available: Callable[[CheckContext], bool] | None = None
