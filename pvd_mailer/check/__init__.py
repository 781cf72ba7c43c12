"""Proofreading: an issue and its letter -> what an editor would be ashamed to have sent.

One rule a file, in `rules/`; RULES says which there are, and in which order they are documented and run. A rule is a
pure function of a `Subject`; what it finds has a symbolic place, which `placing` turns into lines and columns when it
is told. `verdict` weighs it as the publication and the issue's waivers say. Nothing here asks the network.
"""

from collections.abc import Sequence

from pvd_mailer.check.mending import Mending, mending
from pvd_mailer.check.rule import Rule
from pvd_mailer.check.rules import placeholder
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.verdict import judge
from pvd_mailer.findings import Finding

__all__ = ["RULES", "Mending", "Rule", "Subject", "mending", "proofread"]

RULES: tuple[Rule, ...] = (
    # Facts in the text
    placeholder.RULE,
    # Links
    # Images
    # Accessibility of the letter
    # Mail programs
    # Weight and delivery
    # Typography
    # Spelling
    # Reading ease
)


def proofread(subject: Subject, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """What `rules` find in `subject`, waived findings included, in the order of the file."""
    return judge(subject, rules, known=[rule.id for rule in RULES])
