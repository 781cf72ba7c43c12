"""What a rule of the proofreader is, and what it gives."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import Replacement, SymbolicLocation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_

__all__ = ["GROUPS", "Group", "Rule", "Violation"]


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
        rewrite: What to write instead of the text that `location` (a `TextSpan` or a `FileValueSpan`) spans, where
            that is safe; or pieces of its passage, by offsets, and what to write instead of each.
        severity: Instead of the rule's.
    """

    message: str
    location: SymbolicLocation | None = None
    hint: str | None = None
    rewrite: str | tuple[Replacement, ...] | None = None
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the proofreader. `check` is a pure function of its context.

    Attributes:
        id: Stable; the name of its module with hyphens.
        severity: As it comes; a publication may set another.
        group: What it is about.
        title: What it looks for, in a few words; marked with `N_`, as are `description` and `hint`.
        description: A paragraph of documentation: what it finds, why it matters, what it leaves alone.
        hint: What to do, where a finding has no hint of its own.
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
    check: Callable[[CheckContext], Iterator[Violation]]
    fixable: bool = False
    online: bool = False
    is_available: Callable[[CheckContext], bool] | None = None
