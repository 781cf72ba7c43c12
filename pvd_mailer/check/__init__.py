"""Proofreading: an issue and its letter -> what an editor would be ashamed to have sent.

One rule a file, in `rules/`; RULES says which there are, and in which order they are documented and run. A rule is a
pure function of a `Subject`; what it finds has a symbolic place, which `placing` turns into lines and columns when it
is told. `verdict` weighs it as the publication and the issue's waivers say. Nothing here asks the network.
"""

from collections.abc import Sequence

from pvd_mailer.check.mending import Mending, mending
from pvd_mailer.check.rule import Rule
from pvd_mailer.check.rules import (
    acronym,
    animated_image,
    apostrophe,
    capital_accent,
    dash,
    document_link,
    ellipsis,
    heavy_image,
    hour,
    image_alt,
    image_credit,
    image_measures,
    image_position,
    issue_sequence,
    leftover_image,
    leftover_link,
    leftover_text,
    link_nowhere,
    long_paragraph,
    long_sentence,
    no_such_day,
    one_text_two_targets,
    ordinal,
    past_deadline,
    past_event,
    placeholder,
    quotation_marks,
    space_before_sign,
    spelling,
    stray_space,
    thousands,
    tracking_parameter,
    unit_space,
    vague_link,
    weekday,
)
from pvd_mailer.check.subject import Subject
from pvd_mailer.check.verdict import judge
from pvd_mailer.findings import Finding

__all__ = ["RULES", "Mending", "Rule", "Subject", "mending", "proofread"]

RULES: tuple[Rule, ...] = (
    # Facts in the text
    weekday.RULE,
    no_such_day.RULE,
    past_event.RULE,
    past_deadline.RULE,
    issue_sequence.RULE,
    leftover_text.RULE,
    leftover_link.RULE,
    leftover_image.RULE,
    placeholder.RULE,
    # Links
    link_nowhere.RULE,
    vague_link.RULE,
    one_text_two_targets.RULE,
    document_link.RULE,
    tracking_parameter.RULE,
    # Images
    image_alt.RULE,
    image_credit.RULE,
    heavy_image.RULE,
    image_measures.RULE,
    image_position.RULE,
    animated_image.RULE,
    # Accessibility of the letter
    # Mail programs
    # Weight and delivery
    # Typography
    space_before_sign.RULE,
    unit_space.RULE,
    quotation_marks.RULE,
    apostrophe.RULE,
    ellipsis.RULE,
    dash.RULE,
    ordinal.RULE,
    hour.RULE,
    capital_accent.RULE,
    thousands.RULE,
    stray_space.RULE,
    # Spelling
    spelling.RULE,
    # Reading ease
    long_sentence.RULE,
    long_paragraph.RULE,
    acronym.RULE,
)


def proofread(subject: Subject, rules: Sequence[Rule] = RULES) -> list[Finding]:
    """What `rules` find in `subject`, waived findings included, in the order of the file."""
    return judge(subject, rules, known=[rule.id for rule in RULES])
