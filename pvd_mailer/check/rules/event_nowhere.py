"""An event that does not say where to go."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import BlockLocation
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _
from pvd_mailer.issue.blocks import Event

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    linking = {link.block_id for link in context.links}
    for block in context.issue.blocks:
        if isinstance(block, Event) and block.place is None and block.id not in linking:
            yield Violation(_("nobody reads where to go: no place, and no link"), BlockLocation(block.id))


RULE = Rule(
    id="event-nowhere",
    severity=Severity.ADVICE,
    group=Group.FACTS,
    title=N_("An event that does not say where to go"),
    description=N_(
        "An event with neither a `place` nor a `link`, and no link in its text: a reader learns when it is, and has to write "
        "to somebody to learn where. An event that is told again with its link elsewhere, or that only those go to who know "
        "the place, is let be with a waiver."
    ),
    hint=N_("Add “place: …” or a “link:” with “label:” and “url:”."),
    check=_check,
)
