"""A part that a provider would send in Latin-1, and Gmail would cut."""

from collections.abc import Iterator

from pvd_mailer.check.context import CheckContext
from pvd_mailer.check.rule import Group, Rule, Violation
from pvd_mailer.findings import Severity
from pvd_mailer.i18n import N_, _

__all__ = ["RULE"]


def _is_latin_1(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


def _check(context: CheckContext) -> Iterator[Violation]:
    for name, part in ((_("the HTML"), context.letter.html), (_("the plain text"), context.letter.text)):
        if _is_latin_1(part):
            message = _("every sign of {part} is in Latin-1: SendGrid would send it so, and Gmail cut it short")
            yield Violation(message.format(part=name))


RULE = Rule(
    id="latin-1-only",
    severity=Severity.ADVICE,
    group=Group.DELIVERY,
    title=N_("A part that would leave in Latin-1"),
    description=N_(
        "SendGrid chooses the encoding of a part from its characters: where all are in Latin-1 (é and « are, ’ and œ are not), "
        "it leaves as iso-8859-1, and Gmail then says “Message tronqué” whatever its weight. One typographic apostrophe is "
        "enough to keep a part in UTF-8; the built-in templates put such signs into both parts."
    ),
    hint=N_("Write one sign that Latin-1 does not have: a typographic apostrophe (’), an arrow (→)."),
    check=_check,
)
