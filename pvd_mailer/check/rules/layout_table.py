"""A table that is there for the layout, and does not say so."""

import re
from collections.abc import Iterator

from lxml.etree import _Comment

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.locations import LetterElement
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]

_LAYOUT_ROLES = ("presentation", "none")
_TABLE = re.compile(r"(?is)<table\b(?![^>]*\srole\s*=\s*[\"']?(?:presentation|none)\b)[^>]*>")


def _check(context: CheckContext) -> Iterator[Violation]:
    for table in context.tree.iter("table"):
        if table.get("role") not in _LAYOUT_ROLES and not any(True for _cell in table.iter("th", "caption")):
            yield Violation(_("a screen reader counts the rows and columns of this table"), LetterElement(table))
    for comment in context.tree.iter():
        # What Outlook alone reads is a comment for everybody else.
        if isinstance(comment, _Comment) and _TABLE.search(comment.text or ""):
            message = _("in Outlook, a screen reader counts the rows and columns of a table here")
            yield Violation(message, LetterElement(comment.getparent()))


RULE = Rule(
    id="layout-table",
    severity=Severity.ADVICE,
    group=Group.ACCESSIBILITY,
    title=N_("A layout table that does not say so"),
    description=N_(
        'Letters are built with tables, since Outlook knows nothing else. Without `role="presentation"` a screen reader says “table '
        "with two columns and nine rows” before every paragraph. Tables that Outlook alone sees are looked at as well; a "
        "table with headings (`<th>`) is one of data, and left alone. Found in 86 % of all newsletters."
    ),
    hint=N_('In the template, write role="presentation" on this table.'),
    check=_check,
)
