"""A letter that cannot be made larger."""

import re
from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_FIXED = re.compile(r"user-scalable\s*=\s*(?:no|0)\b")
_MOST = re.compile(r"maximum-scale\s*=\s*([\d.]+)")
ENOUGH = 2.0


def _find(subject: Subject) -> Iterator[Found]:
    for meta in subject.tree.iter("meta"):
        content = (meta.get("content") or "").lower()
        if (meta.get("name") or "").lower() != "viewport":
            continue
        most = _MOST.search(content)
        if _FIXED.search(content) or (most and most[1].count(".") <= 1 and float(most[1] or 0) < ENOUGH):
            yield Found(_("the letter forbids to enlarge it: {content}").format(content=content[:80]))


RULE = Rule(
    id="no-zoom",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A letter that cannot be enlarged"),
    about=N_(
        "`user-scalable=no` or a `maximum-scale` below 2 in the letter's viewport keeps people from drawing the letter larger with "
        "two fingers, which is how many read at all. Both come from templates copied from the years when telephones needed them."
    ),
    hint=N_("In the template, write width=device-width, initial-scale=1 and nothing else."),
    failing=(
        Example(rewrite={r"initial-scale=1": "initial-scale=1, user-scalable=no"}),
        Example(rewrite={r"initial-scale=1": "initial-scale=1, maximum-scale=1"}),
    ),
    passing=(Example(), Example(rewrite={r"initial-scale=1": "initial-scale=1, maximum-scale=5"})),
    find=_find,
)
