"""Proofreading: an issue and its letter become findings, which an editor would be ashamed to have sent.

It hands on `proofread`, `RULES`, the `CheckContext` that they read, and `fixed_file` for `--fix`. A rule, one a file in
`rules/`, is a pure function from the context to violations; `runner` weighs them by the publication's severities and
the issue's waivers, and `locate` finds their lines and columns. It must never know the network (what it answered is in
the context), the clock, the database, the command line or a page, and writes no file.
"""

from collections.abc import Callable, Iterable, Sequence

from pvd_mailer.check.autofix import FixedFile, fixed_file
from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Rule
from pvd_mailer.check.rules import (
    acronym,
    animated_image,
    apostrophe,
    bad_certificate,
    capital_accent,
    client_support,
    contrast,
    dash,
    dead_link,
    document_link,
    document_title,
    ellipsis,
    event_nowhere,
    foreign_passage,
    headings,
    heavy_image,
    hour,
    html_entity,
    https_answers,
    image_alt,
    image_credit,
    image_measures,
    image_position,
    issue_sequence,
    latin_1_only,
    layout_table,
    leftover_image,
    leftover_link,
    leftover_text,
    letter_heavy,
    letter_language,
    link_by_colour,
    link_nowhere,
    link_text,
    long_paragraph,
    long_sentence,
    missing_anchor,
    no_such_day,
    no_zoom,
    one_text_two_targets,
    ordinal,
    past_deadline,
    past_event,
    placeholder,
    preheader,
    quotation_marks,
    redirected_home,
    sender_dkim,
    sender_dmarc,
    sender_spf,
    slow_page,
    soft_404,
    space_before_sign,
    spelling,
    stray_space,
    style_heavy,
    subject_line,
    thousands,
    tracking_parameter,
    two_parts,
    unanswered_link,
    unit_space,
    vague_link,
    way_out,
    weekday,
    wrapped_link,
)
from pvd_mailer.check.runner import run_rules
from pvd_mailer.findings import Finding

__all__ = ["RULES", "CheckContext", "FixedFile", "Rule", "fixed_file", "proofread"]

RULES: tuple[Rule, ...] = (
    # Facts in the text
    weekday.RULE,
    no_such_day.RULE,
    past_event.RULE,
    event_nowhere.RULE,
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
    wrapped_link.RULE,
    dead_link.RULE,
    unanswered_link.RULE,
    redirected_home.RULE,
    soft_404.RULE,
    missing_anchor.RULE,
    bad_certificate.RULE,
    slow_page.RULE,
    https_answers.RULE,
    # Images
    image_alt.RULE,
    image_credit.RULE,
    heavy_image.RULE,
    image_measures.RULE,
    image_position.RULE,
    animated_image.RULE,
    # Accessibility of the letter
    letter_language.RULE,
    document_title.RULE,
    headings.RULE,
    layout_table.RULE,
    link_text.RULE,
    link_by_colour.RULE,
    contrast.RULE,
    no_zoom.RULE,
    foreign_passage.RULE,
    # Mail programs
    client_support.RULE,
    # Weight and delivery
    letter_heavy.RULE,
    style_heavy.RULE,
    subject_line.RULE,
    preheader.RULE,
    two_parts.RULE,
    way_out.RULE,
    latin_1_only.RULE,
    sender_spf.RULE,
    sender_dkim.RULE,
    sender_dmarc.RULE,
    # Typography
    html_entity.RULE,
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


def proofread(
    context: CheckContext,
    rules: Sequence[Rule] = RULES,
    file_fault_ids: Iterable[str] = (),
    before_rule: Callable[[], None] = lambda: None,
) -> list[Finding]:
    """What `rules` find in `context`, waived findings included, in the order of the file.

    `file_fault_ids` are the names that findings of the file itself carry; no waiver reaches those.
    `before_rule` is called before each rule; what it raises ends the check.
    """
    known_ids = [rule.id for rule in RULES]
    return run_rules(context, rules, known_ids, file_fault_ids, before_rule)
