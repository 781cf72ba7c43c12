"""More rules of style than Gmail keeps."""

from collections.abc import Iterator

from pvd_mailer.check.rule import Example, Found, Group, Rule
from pvd_mailer.check.subject import Subject
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _, number
from pvd_mailer.letter.weight import STYLE_LIMIT, style_weight

__all__ = ["RULE"]


def _find(subject: Subject) -> Iterator[Found]:
    size = style_weight(subject.letter)
    if size > STYLE_LIMIT:
        message = _("the letter's <style> has {size} bytes; beyond {limit} Gmail may drop all of it")
        yield Found(message.format(size=number(size), limit=number(STYLE_LIMIT)))


RULE = Rule(
    id="style-heavy",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("Rules of style that are too heavy"),
    about=N_(
        "Gmail drops a letter's `<style>` past 8 to 16 KB, and with it the layout for telephones. The built-in templates stay "
        "well below; a publication's own head.css counts as well, and its dark rules twice, once for Outlook.com."
    ),
    hint=N_("Shorten the publication's own head.css: what is inlined (inline.css) does not count."),
    failing=(Example(html=f"<style>{'.une-classe { color: #123456; } ' * 120}</style>"),),
    passing=(Example(html="<style>.une-classe { color: #123456; }</style>"),),
    find=_find,
)
