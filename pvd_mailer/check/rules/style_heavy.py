"""More rules of style than Gmail keeps."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _, format_number
from pvd_mailer.letter.size import MAX_STYLE_BYTES, style_size

__all__ = ["RULE"]


def _check(context: CheckContext) -> Iterator[Violation]:
    size = style_size(context.letter)
    if size > MAX_STYLE_BYTES:
        message = _("the letter's <style> has {size} bytes; beyond {limit} Gmail may drop all of it")
        yield Violation(message.format(size=format_number(size), limit=format_number(MAX_STYLE_BYTES)))


RULE = Rule(
    id="style-heavy",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("Rules of style that are too heavy"),
    description=N_(
        "Gmail drops a letter's `<style>` past 8 to 16 KB, and with it the layout for telephones. The built-in templates stay "
        "well below; a publication's own head.css counts as well, and its dark rules twice, once for Outlook.com."
    ),
    hint=N_("Shorten the publication's own head.css: what is inlined (inline.css) does not count."),
    check=_check,
)
