"""A letter that cannot be made larger."""

import re
from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_FIXED = re.compile(r"user-scalable\s*=\s*(?:no|0)\b")
_MAXIMUM_SCALE = re.compile(r"maximum-scale\s*=\s*([\d.]+)")
_MIN_SCALE = 2.0


def _check(context: CheckContext) -> Iterator[Violation]:
    for meta in context.tree.iter("meta"):
        content = (meta.get("content") or "").lower()
        if (meta.get("name") or "").lower() != "viewport":
            continue
        maximum = _MAXIMUM_SCALE.search(content)
        if _FIXED.search(content) or (maximum and maximum[1].count(".") <= 1 and float(maximum[1] or 0) < _MIN_SCALE):
            yield Violation(_("the letter forbids to enlarge it: {content}").format(content=content[:80]))


RULE = Rule(
    id="no-zoom",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A letter that cannot be enlarged"),
    description=N_(
        "`user-scalable=no` or a `maximum-scale` below 2 in the letter's viewport keeps people from drawing the letter larger with "
        "two fingers, which is how many read at all. Both come from templates copied from the years when telephones needed them."
    ),
    hint=N_("In the template, write width=device-width, initial-scale=1 and nothing else."),
    check=_check,
)
